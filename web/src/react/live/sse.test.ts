import { describe, expect, it } from 'vitest'
import { Lines, type Message } from './sse'

function heard(...pieces: string[]) {
  const messages: Message[] = []
  const waits: number[] = []
  const lines = new Lines({ onMessage: (m) => messages.push(m), onRetry: (ms) => waits.push(ms) })
  for (const piece of pieces) lines.take(piece)
  return { messages, waits }
}

describe('a stream of events', () => {
  it('is cut into messages, whatever pieces it comes in', () => {
    const text = 'id: 7.1\nevent: wallet.updated\ndata: {"a":1}\n\n'
    const whole = heard(text)
    expect(whole.messages).toEqual([{ id: '7.1', event: 'wallet.updated', text: '{"a":1}' }])
    expect(heard(...Array.from(text)).messages).toEqual(whole.messages)
  })

  it('passes over heartbeats and unknown fields', () => {
    expect(heard(': still here\n\nfoo: bar\n\n').messages).toEqual([])
  })

  it('joins lines of data, and takes every end of line', () => {
    const { messages } = heard('data: one\r\ndata:two\rdata\n\r\n')
    expect(messages).toEqual([{ id: undefined, event: 'message', text: 'one\ntwo\n' }])
  })

  it('hears how long to wait before coming back', () => {
    expect(heard('retry: 1500\nretry: soon\n\n').waits).toEqual([1500])
  })

  it('says nothing of what was not finished', () => {
    expect(heard('id: 1\ndata: half').messages).toEqual([])
  })
})
