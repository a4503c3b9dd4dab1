/** What came in one event of a stream of Server-Sent Events. */
export interface Message {
  id: string | undefined
  event: string
  text: string
}

export interface Spoken {
  onMessage: (message: Message) => void
  /** How long the server wants us to wait before we come back, in milliseconds. */
  onRetry: (wait: number) => void
  /** Something came, be it a heartbeat. */
  onSound: () => void
}

/**
 * Reads a stream to its end, by the rules of the HTML standard (9.2.6). The browser's own
 * EventSource can neither send a header nor say why it was refused.
 */
export async function readMessages(body: ReadableStream<Uint8Array>, spoken: Spoken) {
  const reader = body.pipeThrough(new TextDecoderStream() as never).getReader()
  const lines = new Lines(spoken)
  for (;;) {
    const { done, value } = (await reader.read()) as ReadableStreamReadResult<string>
    if (done) return
    spoken.onSound()
    lines.take(value)
  }
}

/** Cuts text that comes in any pieces into lines, and lines into messages. */
export class Lines {
  private rest = ''
  private message = empty()

  constructor(private readonly spoken: Pick<Spoken, 'onMessage' | 'onRetry'>) {}

  take(text: string) {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/)
    this.rest = lines.pop() ?? ''
    for (const line of lines) this.line(line)
  }

  private line(line: string) {
    if (line === '') {
      this.dispatch()
      return
    }
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? []
    if (field === 'data') this.message.texts.push(value)
    else if (field === 'event') this.message.event = value
    else if (field === 'id') this.message.id = value
    else if (field === 'retry' && /^\d+$/.test(value)) this.spoken.onRetry(Number(value))
  }

  private dispatch() {
    const { id, event, texts } = this.message
    this.message = empty()
    if (texts.length) this.spoken.onMessage({ id, event, text: texts.join('\n') })
  }
}

const empty = () => ({
  id: undefined as string | undefined,
  event: 'message',
  texts: [] as string[],
})
