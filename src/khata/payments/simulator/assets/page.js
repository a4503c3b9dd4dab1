"use strict";
// The simulated customer's page: sends the choice, then hands what came of it to the shop.
const known = JSON.parse(document.getElementById("known").textContent);
const form = document.getElementById("form");
const told = document.getElementById("told");
const embedded = Boolean(known.opener) && window.parent !== window;
document.documentElement.classList.toggle("embedded", embedded);

function tell(text, tone) {
  told.textContent = text;
  told.className = tone || "";
}

function choice() {
  return form.elements.choice.value;
}

function chosenInstrument() {
  const value = (id) => document.getElementById(id).value;
  switch (choice()) {
    case "upi": return { method: "upi", instrument: { vpa: value("vpa") } };
    case "netbanking": return { method: "netbanking", instrument: { bank: value("bank") } };
    case "wallet": return { method: "wallet", instrument: { wallet: value("wallet") } };
    default: return { method: "card", instrument: { number: value("number"), type: choice() } };
  }
}

function showInstrument() {
  for (const part of document.querySelectorAll(".instrument")) {
    part.hidden = !part.dataset.for.split(" ").includes(choice());
  }
}

function handToShop(event, payload) {
  if (embedded) {
    window.parent.postMessage({ from: "simulator", event, payload }, known.opener);
  } else if (event === "success" && known.callback_url) {
    const back = document.createElement("form");
    back.method = "post";
    back.action = known.callback_url;
    for (const [name, value] of Object.entries(payload)) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      back.append(field);
    }
    document.body.append(back);
    back.submit();
  }
}

function freeze(frozen) {
  for (const button of form.querySelectorAll("button")) button.disabled = frozen;
}

async function pay(outcome) {
  freeze(true);
  tell("Asking the bank …");
  const wish = chosenInstrument();
  // The button that says “succeeds” leaves the word to values whose outcome is fixed.
  if (outcome !== "success") wish.outcome = outcome;
  try {
    const response = await fetch(`/checkout/${known.order}/pay`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(wish),
    });
    settle(response.ok, await response.json());
  } catch {
    tell("The gateway can’t be reached. Try again.", "bad");
    freeze(false);
  }
}

function settle(ok, answer) {
  if (!ok) {
    tell(answer.error.description, "bad");
    freeze(false);
    handToShop("payment.failed", answer);
  } else if (answer.razorpay_signature) {
    tell("Paid. You can close this window.", "good");
    handToShop("success", answer);
  } else {
    tell("The bank has not answered yet. You will hear when it does.");
    handToShop("pending", answer);
  }
}

form.addEventListener("change", showInstrument);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  pay(event.submitter ? event.submitter.value : "success");
});
document.getElementById("leave").addEventListener("click", () => {
  if (embedded) handToShop("dismiss", {});
  else if (history.length > 1) history.back();
  else window.close();
});

for (const radio of form.elements.choice) {
  const method = ["debit", "credit"].includes(radio.value) ? "card" : radio.value;
  radio.disabled = Boolean(known.method) && known.method !== method;
  if (known.method === method && !form.querySelector("input:checked:enabled")) radio.checked = true;
}
// Where the shop asked for it, the address comes along behind the page's own.
const named = new URLSearchParams(location.hash.slice(1)).get("vpa");
if (named) document.getElementById("vpa").value = named;
showInstrument();
if (known.status === "paid") {
  freeze(true);
  tell("This order is paid already.", "good");
}
