// The profiler's bar: how much this page did, and which requests its scripts make.
(() => {
  "use strict";
  const bar = document.currentScript.closest(".debug");
  const link = (token) => `/_profiler/${encodeURIComponent(token)}`;
  const many = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

  // The original: what the bar itself asks for is not listed.
  const ask = window.fetch.bind(window);
  const counts = bar.querySelector(".debug-counts");
  addEventListener("load", async () => {
    try {
      const answer = await ask(`${link(bar.dataset.token)}.json`);
      if (!answer.ok) return;
      const it = await answer.json();
      const parts = [`${it.status}`, `${it.duration.toFixed(0)} ms`, `${it.statements} SQL`, many(it.messages, "message")];
      if (it.failedMessages) parts.push(`${it.failedMessages} failed`);
      if (it.queuedEmails) parts.push(many(it.queuedEmails, "email"));
      counts.textContent = parts.join(" · ");
      counts.classList.toggle("is-bad", it.failedMessages > 0 || it.status >= 500);
      counts.hidden = false;
    } catch { /* The link is there without it. */ }
  });

  const details = bar.querySelector(".debug-requests");
  const list = details.querySelector("ol");
  let total = 0;
  const note = (method, url, status, token) => {
    if (!token) return;
    const anchor = document.createElement("a");
    anchor.href = link(token);
    anchor.textContent = `${method} ${new URL(url, location.href).pathname} · ${status}`;
    anchor.classList.toggle("is-bad", status >= 500);
    const item = document.createElement("li");
    item.append(anchor);
    list.prepend(item);
    while (list.children.length > 20) list.lastElementChild.remove();
    total += 1;
    details.querySelector("summary").textContent = `${many(total, "request")} by this page`;
    details.hidden = false;
  };

  window.fetch = async (resource, options) => {
    const answer = await ask(resource, options);
    const method = options?.method ?? resource?.method ?? "GET";
    note(method.toUpperCase(), answer.url || location.href, answer.status, answer.headers.get("X-Debug-Token"));
    return answer;
  };

  const open = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    this.addEventListener("loadend", () => {
      if (this.status) note(String(method).toUpperCase(), this.responseURL || url, this.status, this.getResponseHeader("X-Debug-Token"));
    });
    return open.call(this, method, url, ...rest);
  };
})();
