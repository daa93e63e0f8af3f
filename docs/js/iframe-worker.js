// Pages that are read from a disk may not start workers. Search, which is one, then runs in a hidden frame.
// Material's plugin `offline` would load such a thing from elsewhere, but for a script of this name.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    #frame = document.createElement("iframe");
    #loaded;

    constructor(url) {
      super();
      this.#frame.hidden = true;
      this.#loaded = new Promise((done) => {
        this.#frame.onload = () => {
          const { contentWindow: inner, contentDocument: page } = this.#frame;
          inner.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
          const script = page.createElement("script");
          script.src = url;
          script.onload = () => done(inner);
          page.body.append(script);
        };
      });
      document.body.append(this.#frame);
    }

    postMessage(data) {
      this.#loaded.then((inner) => inner.dispatchEvent(new MessageEvent("message", { data })));
    }

    terminate() {
      this.#frame.remove();
    }
  };
}
