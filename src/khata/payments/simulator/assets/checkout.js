"use strict";
// Stands in for the vendor's checkout.js: the same `new Razorpay(options).open()`, on the
// simulator's own page.
(() => {
  const gateway = new URL(document.currentScript.src).origin;

  class Razorpay {
    constructor(options) {
      this.options = options;
      this.listeners = {};
      this.frame = null;
      this.receive = (message) => this.hear(message);
    }

    on(event, listener) {
      (this.listeners[event] = this.listeners[event] || []).push(listener);
    }

    open() {
      if (this.frame) return;
      const options = this.options;
      const page = new URL(`/checkout/${encodeURIComponent(options.order_id)}`, gateway);
      page.searchParams.set("opener", window.location.origin);
      if (options.name) page.searchParams.set("name", options.name);
      if (options.description) page.searchParams.set("description", options.description);
      const frame = document.createElement("iframe");
      frame.src = page.href;
      frame.title = "Simulated checkout";
      frame.className = "razorpay-checkout-frame";
      frame.setAttribute(
        "style",
        "position:fixed;inset:0;width:100%;height:100%;border:0;z-index:2147483647;background:#0008",
      );
      window.addEventListener("message", this.receive);
      document.body.append(frame);
      this.frame = frame;
    }

    close() {
      if (!this.frame) return;
      window.removeEventListener("message", this.receive);
      this.frame.remove();
      this.frame = null;
    }

    hear(message) {
      const isOurs = this.frame && message.source === this.frame.contentWindow;
      if (!isOurs || message.origin !== gateway || message.data.from !== "simulator") return;
      const { event, payload } = message.data;
      if (event === "success") this.succeed(payload);
      else if (event === "dismiss") this.dismiss();
      else for (const listener of this.listeners[event] || []) listener(payload);
    }

    succeed(payload) {
      this.close();
      const { handler, callback_url: callback } = this.options;
      if (callback && (this.options.redirect || !handler)) post(callback, payload);
      else if (handler) handler(payload);
    }

    dismiss() {
      this.close();
      const modal = this.options.modal;
      if (modal && modal.ondismiss) modal.ondismiss();
    }
  }

  function post(address, fields) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = address;
    for (const [name, value] of Object.entries(fields)) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      form.append(field);
    }
    document.body.append(form);
    form.submit();
  }

  window.Razorpay = Razorpay;
})();
