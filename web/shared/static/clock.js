// Tells the server the visitor's time zone, so that moments are told by their clock as well.
// Without this script they may name it among their preferences.
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
const { root } = document.currentScript.dataset;
if (/^[\w+/-]+$/.test(timeZone) && !document.cookie.includes(`clock=${timeZone}`)) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `clock=${timeZone}; path=${root}; max-age=31536000; samesite=lax${secure}`;
}
