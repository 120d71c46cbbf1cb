// Puts each state of a cancellation in place of the one before, as the server tells it.
// Without this script the page has a link that loads it again.
const isBeingFilled = (place) => [...place.querySelectorAll("textarea")].some((field) => field.value);

for (const place of document.querySelectorAll("[data-live]")) {
  const source = new EventSource(place.dataset.live);
  source.addEventListener("progress", (event) => {
    const now = new DOMParser().parseFromString(event.data, "text/html");
    const progress = now.getElementById("progress");
    if (!progress) return;
    document.title = progress.dataset.title;
    // The sentence is read aloud when it changes, so it keeps its element; the rest is silent.
    const [said, told] = [document.getElementById("said"), now.getElementById("said")];
    if (said.textContent !== told.textContent) said.textContent = told.textContent;
    for (const id of ["kind", "moving", "sums"]) {
      const [before, after] = [document.getElementById(id), now.getElementById(id)];
      if (before.innerHTML !== after.innerHTML && !isBeingFilled(before)) before.replaceWith(after);
    }
  });
  source.addEventListener("end", () => source.close());
  addEventListener("pagehide", () => source.close());
}
