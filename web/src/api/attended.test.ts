import { afterEach, describe, expect, it, vi } from 'vitest'
import { attendance } from './attended'
import { createKhata } from './client'

describe('attendance', () => {
  it('lasts a minute from the last thing that somebody did', () => {
    const page = new EventTarget()
    let now = 0
    const isAttended = attendance(page, () => now)
    expect(isAttended()).toBe(true)
    now = 59_999
    expect(isAttended()).toBe(true)
    now = 60_000
    expect(isAttended()).toBe(false)
    page.dispatchEvent(new Event('keydown'))
    expect(isAttended()).toBe(true)
    now = 120_000
    expect(isAttended()).toBe(false)
    page.dispatchEvent(new Event('scroll')) // as a page does by itself
    expect(isAttended()).toBe(false)
  })
})

describe('a request of the session', () => {
  afterEach(() => void vi.unstubAllGlobals())

  const asked = async (isAttended: boolean, token?: () => string) => {
    const fetched = vi.fn(() => Promise.resolve(Response.json({})))
    vi.stubGlobal('fetch', fetched)
    const options = { baseUrl: 'http://khata.example', isAttended: () => isAttended }
    await createKhata(token ? { ...options, token } : options).api.GET('/v1/session')
    const [[request]] = fetched.mock.calls as unknown as [[Request]]
    return request.headers.get('X-Unattended')
  }

  it('says when nobody is at the page', async () => {
    expect(await asked(false)).toBe('1')
    expect(await asked(true)).toBeNull()
  })

  it('of a key says nothing', async () => {
    expect(await asked(false, () => 'khk_1')).toBeNull()
  })
})
