"""The page around the terminal of textual-serve. Nothing in it comes from elsewhere."""

from __future__ import annotations

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>spark</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/css/xterm.css">
<style>
@font-face {
  font-family: "Roboto Mono";
  src: url("/static/fonts/RobotoMono-VariableFont_wght.ttf");
  font-weight: 100 700;
}
@font-face {
  font-family: "Roboto Mono"; font-style: italic;
  src: url("/static/fonts/RobotoMono-Italic-VariableFont_wght.ttf");
  font-weight: 100 700;
}
html, body { margin: 0; background: #0d1117; color: #e6edf3; font: 16px "Roboto Mono", monospace; }
.textual-terminal { position: absolute; inset: 0; width: auto; height: auto; opacity: 0; }
body.-first-byte .textual-terminal { opacity: 1; }
#said { position: absolute; inset: 0; display: grid; place-content: center; text-align: center; }
body.-first-byte #said { display: none; }
body.-closed #said { display: grid; background: #0d1117; z-index: 20; }
#begins, body.-closed #over { display: block; }
#over, body.-closed #begins { display: none; }
button { font: inherit; padding: 0.5em 1.5em; margin-top: 1em; }
</style>
<script src="/static/js/textual.js"></script>
</head>
<body>
<div id="said" role="status">
  <div id="begins">spark begins …</div>
  <div id="over">
    The session has ended. What was accepted is on disk.<br>
    <button type="button" onclick="location.reload()">Begin another one</button>
  </div>
</div>
<div id="terminal" class="textual-terminal" data-font-size="{font_size}"
  data-session-websocket-url="ws://{host}/ws"></div>
<script>
const mine = sessionStorage.getItem("page") ||
  Array.from(crypto.getRandomValues(new Uint8Array(16)), b => b.toString(16).padStart(2, "0"))
    .join("");
sessionStorage.setItem("page", mine);
document.getElementById("terminal").dataset.sessionWebsocketUrl += "/" + mine;
new MutationObserver((_, observer) => {
  const keys = document.querySelector(".xterm-helper-textarea");
  if (keys && document.body.classList.contains("-first-byte")) {
    keys.focus();
    observer.disconnect();
  }
}).observe(document.body, {attributes: true, attributeFilter: ["class"]});
</script>
</body>
</html>
"""


def page(host: str, font_size: int) -> str:
    """`host`: a name and port that the gate has let through."""
    return PAGE.replace("{font_size}", str(font_size)).replace("{host}", host)
