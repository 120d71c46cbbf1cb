// Who goes back finds a form filled in as they left it, by the browser. What follows the choice was
// worked out for another one, so it is asked for once more. Without this script a button does that.
const isRestored = (field) =>
  field.checked !== field.defaultChecked || (field.type === "number" && field.value !== field.defaultValue);

addEventListener("pageshow", () => {
  const fields = [...document.querySelectorAll("form[hx-get] input")];
  fields.find(isRestored)?.dispatchEvent(new Event("change", { bubbles: true }));
});
