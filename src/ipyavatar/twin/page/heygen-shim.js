// Put <script src="http://127.0.0.1:8765/_twin/heygen-shim.js"></script> before HeyGen's SDK.
// The SDK opens its chat websocket at port 443 of the API's host, with TLS, whatever its basePath
// says; this leads that one address to the twin. All other websockets are left alone.
(() => {
  const twin = new URL(document.currentScript.src).origin.replace(/^http/, "ws");
  const path = "/v1/ws/streaming.chat";
  window.WebSocket = new Proxy(window.WebSocket, {
    construct(target, [url, ...rest], type) {
      const at = String(url).indexOf(path);
      return Reflect.construct(target, [at < 0 ? url : twin + String(url).slice(at), ...rest], type);
    },
  });
})();
