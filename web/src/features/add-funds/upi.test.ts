import { describe, expect, it } from 'vitest'
import { appOf, isUpiId, withHandle } from './upi'

describe('a UPI address', () => {
  it('is a name at a handle', () => {
    for (const right of ['ananya@okhdfc', '98450.12345@ybl', 'a-b_c@UPI']) {
      expect(isUpiId(right)).toBe(true)
    }
    for (const wrong of [
      '',
      'ananya',
      'ananya@',
      '@ybl',
      'a@ybl',
      'a b@ybl',
      'asha@kaveri.example',
    ]) {
      expect(isUpiId(wrong)).toBe(false)
    }
  })

  it('tells by its handle which app gave it', () => {
    expect(appOf('asha@okaxis')?.name).toBe('Google Pay')
    expect(appOf('asha@YBL')?.name).toBe('PhonePe')
    expect(appOf('asha@okhdfc')).toBeUndefined()
    expect(appOf('asha')).toBeUndefined()
  })

  it('keeps its name when it gets another handle', () => {
    expect(withHandle('asha', 'ybl')).toBe('asha@ybl')
    expect(withHandle('asha@okaxis', 'ybl')).toBe('asha@ybl')
    expect(withHandle('', 'ybl')).toBe('')
  })
})
