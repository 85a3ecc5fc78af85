// New mails appear by themselves: the script asks again and again, and each question waits for a mail.
const WAIT_SECONDS = 10;
const PAUSE_AFTER_ERROR = 3000;

const list = document.getElementById("mails");
const pattern = document.getElementById("mail");
const arrivals = document.getElementById("arrivals");
let since = list.dataset.since;

function row(mail) {
  const item = pattern.content.firstElementChild.cloneNode(true);
  const write = (part, text) => {
    item.querySelector(`[data-part="${part}"]`).textContent = text;
  };
  item.querySelector("a").href = `/dev/mailbox/${encodeURIComponent(mail.id)}`;
  write("from", mail.fromName || mail.from || "(no sender)");
  write("to", mail.to.join(", "));
  write("subject", mail.subject || "(no subject)");
  write("snippet", mail.snippet);
  item.querySelector("time").dateTime = mail.receivedAt;
  item.toggleAttribute("data-unread", mail.isUnread);
  item.setAttribute("data-new", "");
  return item;
}

function show(mails) {
  document.getElementById("no-mails")?.remove();
  list.hidden = false;
  list.prepend(...mails.map(row));
  since = mails[0].receivedAt;
  arrivals.textContent =
    mails.length === 1
      ? `New mail: ${mails[0].subject || "(no subject)"}`
      : `${mails.length} new mails`;
}

async function next() {
  const query = new URLSearchParams({ wait: String(WAIT_SECONDS) });
  if (since) query.set("since", since);
  const answer = await fetch(`/dev/mailbox/api/messages?${query}`);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const { items } = await answer.json();
  if (items.length > 0) show(items);
}

// A tab in the background must not hold one of the browser's few connections.
function visible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", () => resolve(visible()), { once: true });
  });
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

for (;;) {
  await visible();
  await next().catch(() => pause(PAUSE_AFTER_ERROR));
}
