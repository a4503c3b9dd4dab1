import type { Order } from '@/api/types'

type Method = Order['payment_method']

/** What the checkout says, as far as it is gathered here. */
export const says = {
  leave: 'A payment is under way. Leave this page?',
  outcomes: { success: 'Succeeds', fail: 'Fails', pending: 'Stays pending', ask: 'By hand' },
  code: (code: string) => `Code ${code}`,
  upi: {
    apps: 'UPI app',
    any: 'Any app',
    label: 'UPI ID (optional)',
    placeholder: (handle: string) => `name@${handle}`,
    handles: 'Endings',
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
