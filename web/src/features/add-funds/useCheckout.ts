import { useState } from 'react'
import { useDebouncedValue } from '@mantine/hooks'
import { Problem, problemIn } from '@/api/problem'
import type { Order, Pack, Quote } from '@/api/types'
import { useAddFunds, usePacks, useQuote, type Choice, type Following } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { isUpiId } from './upi'
import { useBuyer, type Buyer } from './useBuyer'

export type Method = Order['payment_method']
/** What the simulator's bank does; `ask` leaves it to whoever opens the gateway's page. */
export type Outcome = 'success' | 'fail' | 'pending' | 'ask'

export type Phase =
  | 'form' // nothing is under way
  | 'paying' // the order is being made, or the gateway asked
  | 'unknown' // the answer was lost: the order may be made
  | 'unseen' // an order is under way and can't be looked up
  | 'needs-action' // the payer has to go to the gateway
  | 'pending' // paid perhaps, the bank has not said yet
  | 'failed'
  | 'review'
  | 'blocked'
  | 'done'

/** What did not come, and how it is asked for again. */
export interface Missing {
  error: unknown
  retry: () => void
}

export interface CheckoutState {
  phase: Phase
  /** Whether what is chosen may not be changed now. */
  isLocked: boolean
  missing: Record<'order' | 'packs' | 'quote', Missing | null>
  packs: readonly Pack[]
  minimumAmount: number
  /** Of the tax and of the platform's fee, in basis points. */
  rates: { gst: number; fee: number } | undefined
  isSimulated: boolean
  /** In paise, before tax. */
  amount: number
  setAmount: (paise: number) => void
  method: Method
  setMethod: (method: Method) => void
  /** The UPI address to pay from, where the payer names it here and not at the gateway. */
  vpa: string
  setVpa: (vpa: string) => void
  /** Whether it was tried to pay from an address that can't be one. */
  isVpaWrong: boolean
  outcome: Outcome
  setOutcome: (outcome: Outcome) => void
  buyer: Buyer
  quote: Quote | undefined
  /** Whether the quote is of what is chosen now. */
  isQuoted: boolean
  order: Order | undefined
  problem: Problem | null
  /** Makes the order; where it is not known whether it was made, sends the same once more. */
  pay: () => void
  /** Back to the form as it was, to pay in another way if that is said. */
  startOver: (by?: Method) => void
}

const QUOTE_MS = 250
const DEFAULT_PACK = 'pro'
const PENDING_DELAY_MS = 0

/** The whole of a purchase, from what is chosen to what the gateway said of it. */
export function useCheckout(packId: string | undefined, following: Following): CheckoutState {
  const { wallet } = useChosenWallet()
  const onOffer = usePacks()
  const { packs = [], minimumAmount = 0, rates, isSimulated } = onOffer
  const [chosen, setChosen] = useState<number>()
  const [chosenMethod, setMethod] = useState<Method>()
  const [vpa, setVpa] = useState('')
  const [isVpaWrong, setVpaWrong] = useState(false)
  const [outcome, setOutcome] = useState<Outcome>('success')
  const buyer = useBuyer(wallet.id)
  const wanted = packs.find(({ id }) => id === (packId ?? DEFAULT_PACK))
  const funds = useAddFunds(wallet.id, following)
  const { pay, order, isUnknown, variables } = funds
  const amount = chosen ?? order?.quote.amount ?? wanted?.amount ?? 0
  const method = chosenMethod ?? order?.payment_method ?? 'upi'
  const [asked] = useDebouncedValue(amount, QUOTE_MS)
  const choice: Choice | null = asked >= minimumAmount && asked > 0 ? { amount: asked } : null
  const reckoned = useQuote(choice)
  const { quote } = reckoned
  const problem = problemIn(funds.error)
  const isBusy = funds.isPending || funds.isLooking || buyer.isSaving
  const phase = isBusy
    ? 'paying'
    : isUnknown
      ? 'unknown'
      : phaseOf(order, problem, funds.orderError)

  return {
    phase,
    isLocked: phase === 'paying' || phase === 'unknown',
    missing: {
      order: missing(funds.orderError, funds.lookAgain),
      packs: onOffer.packs ? null : missing(onOffer.error, onOffer.refetch),
      quote: missing(reckoned.error, reckoned.refetch),
    },
    packs,
    minimumAmount,
    rates,
    isSimulated,
    amount,
    setAmount: setChosen,
    method,
    setMethod,
    vpa,
    setVpa: (typed) => {
      setVpaWrong(false)
      setVpa(typed)
    },
    isVpaWrong,
    outcome,
    setOutcome,
    buyer,
    quote,
    isQuoted: quote?.amount === amount,
    order,
    problem,
    pay: () => {
      if (isUnknown && variables) {
        pay(variables)
        return
      }
      const from = method === 'upi' && vpa ? vpa : null
      const isRight = from === null || isUpiId(from)
      setVpaWrong(!isRight)
      if (!buyer.check() || !isRight) return
      pay({
        amount,
        payment_method: method,
        buyer: buyer.asked,
        ...(isSimulated && outcome !== 'ask'
          ? { simulate: { outcome, delay_ms: PENDING_DELAY_MS, vpa: from } }
          : {}),
      })
    },
    startOver: (by = method) => {
      setChosen(amount || undefined)
      setMethod(by)
      funds.reset()
    },
  }
}

const missing = (error: unknown, ask: () => unknown): Missing | null =>
  error ? { error, retry: () => void ask() } : null

function phaseOf(order: Order | undefined, problem: Problem | null, orderError: unknown): Phase {
  if (problem?.code === 'FRAUD_BLOCKED') return 'blocked'
  if (problem) return 'form'
  if (orderError) return 'unseen'
  switch (order?.status) {
    case undefined:
      return 'form'
    case 'created':
      return 'needs-action'
    case 'processing':
      return 'pending'
    case 'failed':
    case 'expired':
      return 'failed'
    case 'review':
      return 'review'
    case 'blocked':
      return 'blocked'
    case 'paid':
    case 'refunded':
    case 'partially_refunded':
      return 'done'
  }
}
