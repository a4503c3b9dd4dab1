import { act, renderHook } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { Problem, unreachable } from '../../api/problem'
import { useOperationKey } from './useOperationKey'

const refused = (status: number, code: string) => new Problem(status, code, 'Why.')

describe('the key of what somebody is about to do', () => {
  const failing = (...errors: unknown[]) => {
    const { result } = renderHook(useOperationKey)
    const { key } = result.current
    for (const error of errors) act(() => result.current.failed(error))
    return { isSame: result.current.key === key, isUnknown: result.current.isUnknown }
  }

  it.each([
    ['is not reached', [unreachable()], true, true],
    ['is busy', [refused(503, 'UNAVAILABLE')], true, true],
    ['answers nothing', [new Error('The server answered nothing.')], true, true],
    ['decides', [refused(402, 'INSUFFICIENT_CREDITS')], false, false],
    ['passes on what the gateway decided', [refused(502, 'GATEWAY_REFUSED')], false, false],
    ['turns away', [refused(429, 'RATE_LIMITED')], true, false],
    [
      'was not reached, then turns away',
      [unreachable(), refused(401, 'UNAUTHENTICATED')],
      true,
      true,
    ],
    ['was not reached, then decides', [unreachable(), refused(403, 'FRAUD_BLOCKED')], false, false],
  ])('where the server %s', (_, errors, isSame, isUnknown) => {
    expect(failing(...errors)).toEqual({ isSame, isUnknown })
  })

  it('is another once it is done', () => {
    const { result } = renderHook(useOperationKey)
    const { key } = result.current
    act(() => result.current.failed(unreachable()))
    act(() => result.current.renew())
    expect(result.current.key).not.toBe(key)
    expect(result.current.isUnknown).toBe(false)
  })
})
