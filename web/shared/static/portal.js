// Puts each state of a cancellation in place of the one before, as the server tells it.
// Without this script the page has a link that loads it again.
for (const place of document.querySelectorAll("[data-live]")) {
  const source = new EventSource(place.dataset.live);
  source.addEventListener("progress", (event) => {
    const page = new DOMParser().parseFromString(event.data, "text/html");
    const now = page.getElementById("progress");
    const before = document.getElementById("progress");
    if (now && before && now.innerHTML !== before.innerHTML) before.replaceWith(now);
  });
  source.addEventListener("end", () => source.close());
  addEventListener("pagehide", () => source.close());
}
