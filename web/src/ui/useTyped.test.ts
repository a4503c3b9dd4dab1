import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useTyped } from './useTyped'

const REST_MS = 300

describe('a field that the address keeps', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const field = (known = '', read?: (text: string) => string) => {
    const ask = vi.fn<(text: string) => void>()
    const shown = renderHook(({ address }) => useTyped(address, ask, REST_MS, read), {
      initialProps: { address: known },
    })
    return {
      ask,
      text: () => shown.result.current[0],
      type: (text: string) => act(() => shown.result.current[1](text)),
      rest: () => void act(() => vi.advanceTimersByTime(REST_MS)),
      hear: (address: string) => shown.rerender({ address }),
    }
  }

  it('asks once the typing rests, for what is between the spaces', () => {
    const { ask, type, rest } = field()
    type('wal')
    type('wal_1 ')
    expect(ask).not.toHaveBeenCalled()
    rest()
    expect(ask.mock.calls).toEqual([['wal_1']])
  })

  it('goes on being typed into while what was asked comes back', () => {
    const { text, type, rest, hear } = field()
    type('a')
    rest()
    type('ab')
    rest()
    type('abc')
    hear('a')
    expect(text()).toBe('abc')
    hear('ab')
    expect(text()).toBe('abc')
  })

  it('follows the address where it changes by itself', () => {
    const { text, type, rest, hear } = field('before')
    type('after')
    rest()
    hear('after')
    hear('')
    expect(text()).toBe('')
    hear('after') // Forward, and no answer to what was typed.
    expect(text()).toBe('after')
  })

  it('asks no more for what was cleared while the typing rested', () => {
    const { ask, text, type, rest, hear } = field('before')
    type('after')
    hear('')
    rest()
    expect([text(), ask.mock.calls]).toEqual(['', []])
  })

  it('keeps what can not be asked for yet', () => {
    const { ask, text, type, rest, hear } = field('2026', (year) => (year.length < 4 ? '' : year))
    type('2')
    rest()
    hear('')
    expect([text(), ask.mock.calls]).toEqual(['2', [['']]])
  })

  it('asks for nothing that is asked for already', () => {
    const { ask, type, rest, text, hear } = field('same')
    type('some')
    type('same')
    rest()
    expect(ask).not.toHaveBeenCalled()
    hear('')
    hear('same')
    expect(text()).toBe('same')
  })
})
