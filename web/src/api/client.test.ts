import { afterEach, describe, expect, it, vi } from 'vitest'
import { createKhata } from './client'

const REFUSED = { code: 'CSRF_FAILED', detail: 'Send X-CSRF-Token.' }
const baseUrl = 'http://khata.example'

describe('a change of a session that was signed in anew elsewhere', () => {
  afterEach(() => void vi.unstubAllGlobals())

  /** A server that takes `good` alone, and what it was sent. */
  const server = (good: string) => {
    const heard: { token: string | null; body: string }[] = []
    vi.stubGlobal('fetch', async (request: Request) => {
      const token = request.headers.get('X-CSRF-Token')
      heard.push({ token, body: await request.text() })
      return token === good ? Response.json({}) : Response.json(REFUSED, { status: 403 })
    })
    return heard
  }
  const changed = (renewCsrfToken: () => Promise<string | null>) => {
    const khata = createKhata({ baseUrl, renewCsrfToken })
    khata.setCsrfToken('old')
    return khata.api.PATCH('/v1/session', { body: { organization_id: 'org_1' } })
  }

  it('is sent once more, whole, with the new token', async () => {
    const heard = server('new')
    await changed(() => Promise.resolve('new'))
    const body = JSON.stringify({ organization_id: 'org_1' })
    expect(heard).toEqual([
      { token: 'old', body },
      { token: 'new', body },
    ])
  })

  it('is sent no third time', async () => {
    const heard = server('newer still')
    await expect(changed(() => Promise.resolve('new'))).rejects.toMatchObject(REFUSED)
    expect(heard).toHaveLength(2)
  })

  it('is not sent for somebody else', async () => {
    const heard = server('new')
    await expect(changed(() => Promise.resolve(null))).rejects.toMatchObject(REFUSED)
    expect(heard).toHaveLength(1)
  })
})
