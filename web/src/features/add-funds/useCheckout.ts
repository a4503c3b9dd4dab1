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
  | 'needs-action' // the payer has to go to the gateway
  | 'pending' // paid perhaps, the bank has not said yet
  | 'failed'
  | 'review'
  | 'blocked'
  | 'done'

export interface CheckoutState {
  phase: Phase
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
  pay: () => void
  startOver: () => void
}

const QUOTE_MS = 250
const DEFAULT_PACK = 'pro'
const PENDING_DELAY_MS = 0

/** The whole of a purchase, from what is chosen to what the gateway said of it. */
export function useCheckout(packId: string | undefined, following: Following): CheckoutState {
  const { wallet } = useChosenWallet()
  const { packs = [], minimumAmount = 0, rates, isSimulated } = usePacks()
  const [chosen, setChosen] = useState<number>()
  const [chosenMethod, setMethod] = useState<Method>()
  const [vpa, setVpa] = useState('')
  const [isVpaWrong, setVpaWrong] = useState(false)
  const [outcome, setOutcome] = useState<Outcome>('success')
  const buyer = useBuyer(wallet.id)
  const wanted = packs.find(({ id }) => id === (packId ?? DEFAULT_PACK))
  const { pay, order, isLooking, reset, error, isPending } = useAddFunds(wallet.id, following)
  const amount = chosen ?? order?.quote.amount ?? wanted?.amount ?? 0
  const method = chosenMethod ?? order?.payment_method ?? 'upi'
  const [asked] = useDebouncedValue(amount, QUOTE_MS)
  const choice: Choice | null = asked >= minimumAmount && asked > 0 ? { amount: asked } : null
  const { quote } = useQuote(choice)
  const problem = problemIn(error)

  return {
    phase: phaseOf(order, problem, isPending || isLooking || buyer.isSaving),
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
    startOver: reset,
  }
}

function phaseOf(order: Order | undefined, problem: Problem | null, isBusy: boolean): Phase {
  if (isBusy) return 'paying'
  if (problem?.code === 'FRAUD_BLOCKED') return 'blocked'
  if (problem) return 'form'
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
