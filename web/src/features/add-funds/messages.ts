import type { Order, Pack, Quote } from '@/api/types'
import { count, money, plural, rate, wholeMoney } from '@/format/numbers'

type Method = Order['payment_method']

/** What the checkout says. */
export const says = {
  title: 'Add funds',
  sub: '₹10 buys 100 credits. Bigger packs add a bonus.',
  mayNot: {
    title: 'Your role does not buy credits',
    text: 'Ask somebody whose role is owner, admin or billing.',
  },
  pay: (paise?: number) => (paise === undefined ? 'Pay' : `Pay ${money(paise)}`),
  withFee: 'with fee and GST',
  orderId: 'order ID',
  simulator: { title: 'Simulator: choose the outcome', label: 'Simulated outcome' },
  summary: {
    label: 'Order summary',
    get: 'You get',
    unit: ' credits',
    of: ({ base_credits, bonus_credits }: Quote) =>
      bonus_credits
        ? `${count(base_credits)} credits plus ${count(bonus_credits)} bonus`
        : `${count(base_credits)} credits`,
    credits: 'Credits',
    gst: (bps?: number) => (bps === undefined ? 'GST' : `GST, ${rate(bps)}`),
    gstHint:
      'CGST and SGST, half each, where buyer and seller are in the same State, IGST elsewhere. The invoice shows which.',
    fee: (bps?: number) => (bps === undefined ? 'Platform fee' : `Platform fee, ${rate(bps)}`),
    feeHint: 'Includes its own GST.',
    roundOff: 'Round-off',
    total: 'Total',
    simulated: 'The simulator handles the payment. No money moves.',
    real: 'The gateway handles the payment. Credits arrive in seconds.',
    notReckoned: 'The sum could not be reckoned.',
    explained: (line: string, hint: string) => `${line}: ${hint}`,
  },
  amount: {
    title: 'Amount',
    pack: ({ name, amount, total_credits }: Pack) =>
      `${name}, ${wholeMoney(amount)}, ${plural(total_credits, 'credit')}`,
    popular: 'Popular',
    bonus: (credits: number) => (credits ? `${count(credits)} bonus` : 'No bonus'),
    free: 'Or choose an amount',
    atLeast: (paise: number) => `At least ${wholeMoney(paise)}`,
    slider: 'Amount in rupees',
  },
  invoice: {
    title: 'Tax invoice',
    name: 'Name',
    noName: 'Enter the name for the invoice',
    state: 'State',
    stateHint: 'Choose the State',
    noState: 'Choose the State of the buyer',
    unknownState: 'No such State',
    gstin: 'GSTIN (optional)',
    gstinHint: 'Needed to claim input credit',
    address: 'Address (optional)',
  },
  payWith: 'Pay with',
  /** What will happen after the press. Card numbers and PINs are typed at the gateway, never here. */
  ways: {
    upi: { name: 'UPI', hint: 'Fastest', next: 'You approve the payment in your UPI app.' },
    debit: {
      name: 'Debit card',
      hint: 'Visa, Mastercard, RuPay',
      next: 'You type the card at the gateway. Its number never comes here.',
    },
    credit: {
      name: 'Credit card',
      hint: 'Visa, Mastercard, RuPay, Amex',
      next: 'You type the card at the gateway. Its number never comes here.',
    },
    netbanking: {
      name: 'Net banking',
      hint: 'Your bank’s own page',
      next: 'You choose your bank at the gateway and sign in there.',
    },
    wallet: {
      name: 'Wallets',
      hint: 'Paytm, PhonePe, Amazon Pay',
      next: 'You choose your wallet at the gateway.',
    },
  } satisfies Record<Method, object>,
  methods: {
    upi: 'UPI',
    debit: 'Debit card',
    credit: 'Credit card',
    netbanking: 'Net banking',
    wallet: 'Wallet',
  } satisfies Record<Method, string>,
  finished: {
    added: (credits: number) => `${plural(credits, 'credit')} added`,
    balance: (credits: number) => `Your balance is now ${count(credits)} credits.`,
    paid: 'Paid',
    method: 'Method',
    payment: 'Payment',
    paymentId: 'payment ID',
    invoice: 'Tax invoice',
    onItsWay: 'On its way',
    wallet: 'View in wallet',
    download: 'Download invoice',
    more: 'Add more',
  },
  trouble: {
    blocked: 'This payment can’t be taken here.',
    blockedText:
      'You have not been charged. Our checks stopped it, which happens to honest payments too. Write to whoever runs this platform: they can look and let it through.',
    noAnswer: 'No answer yet.',
    noAnswerText:
      'Whether the order was made and paid is not known. Try again: the same is sent, and it is paid only once.',
    sentBefore: 'This was sent before.',
    sentBeforeText:
      'An earlier press may have been taken, and paid. Look into the wallet before you pay again.',
    noOrder: 'The order was not made.',
    noOrderText: (detail: string) => `You have not been charged. ${detail}`,
    requestId: 'request ID',
    failed: 'Payment failed. You have not been charged.',
    declined: 'The bank declined the payment.',
    failedText: (why: string) => `${why} No credits were added.`,
    again: 'Try again',
    byCard: 'Pay by card instead',
    byUpi: 'Pay by UPI instead',
  },
  unseen: 'Your order could not be looked up. Do not pay again before you have seen it.',
  noPacks: 'What is on offer could not be loaded.',
  leave: 'A payment is under way. Leave this page?',
  outcomes: { success: 'Succeeds', fail: 'Fails', pending: 'Stays pending', ask: 'By hand' },
  code: (code: string) => `Code ${code}`,
  upi: {
    apps: 'UPI app',
    any: 'Any app',
    label: 'UPI ID (optional)',
    placeholder: (handle: string) => `name@${handle}`,
    handles: 'Endings',
    handle: (handle: string) => `@${handle}`,
    hint: 'Named here or at the gateway.',
    right: 'It has the form of a UPI ID. The gateway checks that it exists.',
    wrong: 'Enter it as name@bank, as your UPI app shows it',
  },
  waiting: {
    pending: {
      title: 'Waiting for your bank',
      text: 'You can leave this page. Credits appear when the bank confirms.',
    },
    review: {
      title: 'The payment is being looked at',
      text: 'It was paid and somebody checks it. Credits appear when it is approved, or the money goes back.',
    },
  },
  action: {
    upi: {
      title: 'Approve the payment in your UPI app',
      text: 'Open the gateway, then approve in your UPI app. This page follows by itself.',
    },
    debit: {
      title: 'Finish the payment with your bank',
      text: 'Open the gateway, type the card there and pass your bank’s check. This page follows by itself.',
    },
    credit: {
      title: 'Finish the payment with your bank',
      text: 'Open the gateway, type the card there and pass your bank’s check. This page follows by itself.',
    },
    netbanking: {
      title: 'Finish the payment at your bank',
      text: 'Open the gateway and sign in to your bank there. This page follows by itself.',
    },
    wallet: {
      title: 'Finish the payment in your wallet',
      text: 'Open the gateway and choose your wallet there. This page follows by itself.',
    },
  } satisfies Record<Method, { title: string; text: string }>,
  noPage: (provider: string) =>
    `${provider} has no page of its own for it: the platform hands the order to ${provider}’s checkout. This page follows by itself.`,
  providers: {
    razorpay: 'Razorpay',
    stripe: 'Stripe',
    simulator: 'The simulator',
  } satisfies Record<Order['provider'], string>,
  open: 'Open the gateway',
  cancel: 'Cancel',
  cancelled: 'Nothing is charged unless you approve it there. What you typed here is kept.',
  wallet: 'View wallet',
  startOver: 'Start over',
  toPay: 'To pay',
  from: 'From',
  order: 'Order',
  left: 'Time left to pay',
  openFor: 'Stays open for',
}
