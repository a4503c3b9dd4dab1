import { describe, expect, it } from 'vitest'
import { actorName, featureName, initials, transactionName } from './words'

describe('codes in words', () => {
  it.each([
    ['AI_SUMMARY', 'AI summary'],
    ['API_BASIC_REQUEST', 'API basic request'],
    ['STORAGE_100MB', 'Storage 100 MB'],
    ['EMAIL_SEND', 'Email send'],
    ['EXPORT', 'Export'],
  ])('says %s as %s', (code, words) => expect(featureName(code)).toBe(words))

  it.each([
    ['USAGE_DEDUCTION', 'AI_SUMMARY', 'AI summary'],
    ['HOLD', 'AI_SUMMARY', 'AI summary, reserved'],
    ['REFUND', 'AI_SUMMARY', 'AI summary, refunded'],
    ['CREDIT_PURCHASE', null, 'Credits bought'],
    ['CLAWBACK', null, 'Taken back'],
  ])('calls %s of %s %s', (type, feature, words) =>
    expect(transactionName({ type, feature })).toBe(words),
  )

  it.each([
    ['worker', 'Khata itself'],
    ['command-line', 'Command line'],
    ['key_01M8B', 'key_01M8B'],
  ])('calls the actor %s %s', (actor, words) => expect(actorName(actor)).toBe(words))

  it.each([
    ['Ananya Iyer', 'AI'],
    ['asha', 'A'],
    ['Maria del Carmen Ruiz', 'MR'],
    ['', ''],
  ])('shortens %s to %s', (name, letters) => expect(initials(name)).toBe(letters))
})
