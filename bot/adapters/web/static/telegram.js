// Telegram hands a Mini App who opened it in the address; the server checks that before it believes it.
"use strict";

const given = new URLSearchParams(location.hash.slice(1)).get("tgWebAppData");
if (given) {
  history.replaceState(null, "", location.pathname);
  const form = document.getElementById("app");
  document.getElementById("init").value = given;
  form.hidden = false;
  document.getElementById("told").hidden = true;
  if (window.top === window) form.submit();
  else form.target = "_blank"; // Telegram's web client: other pages stand in no frame, and cookies do not work there
}
