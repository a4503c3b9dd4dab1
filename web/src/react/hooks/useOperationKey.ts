import { useState } from 'react'
import { idempotencyKey } from '../../api/client'
import { problemIn } from '../../api/problem'

/**
 * The idempotency key of what somebody is about to do: the same however often it is sent, another
 * as soon as it is decided. Tell it of an answer by `renew` and of a failure by `failed`.
 *
 * While `isUnknown` an answer was lost, and it may be done: send just the same, and it is done once.
 */
export function useOperationKey() {
  const [key, setKey] = useState(idempotencyKey)
  const [isUnknown, setUnknown] = useState(false)
  const renew = () => {
    setKey(idempotencyKey())
    setUnknown(false)
  }
  const failed = (error: unknown) => {
    const problem = problemIn(error)
    if (!problem || problem.isPassing) setUnknown(true)
    // Who is turned away hears nothing of what was sent before: the key stays.
    else if (!problem.isTurnedAway) renew()
  }
  return { key, isUnknown, renew, failed }
}
