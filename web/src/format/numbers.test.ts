import { describe, expect, it } from 'vitest'
import { compact, count, money, perMille, plural, rate, share, signed, wholeMoney } from './numbers'

describe('figures', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [51_411, '51,411'],
    [1_00_584, '1,00,584'],
    [1_23_45_678, '1,23,45,678'],
    [-15, '−15'],
    [null, '—'],
    [undefined, '—'],
  ])('counts %s as %s', (n, shown) => expect(count(n)).toBe(shown))

  it.each([
    [5500, '+5,500'],
    [-15, '−15'],
    [0, '0'],
  ])('signs %s as %s', (n, shown) => expect(signed(n)).toBe(shown))

  it.each([
    [60_200, '₹602.00'],
    [1, '₹0.01'],
    [1_23_45_600, '₹1,23,456.00'],
    [-9_000, '−₹90.00'],
  ])('says %s paise as %s', (paise, shown) => expect(money(paise)).toBe(shown))

  it.each([
    [50_000, '₹500'],
    [1_00_000, '₹1,000'],
    [60_250, '₹602.50'],
  ])('names %s paise as %s', (paise, shown) => expect(wholeMoney(paise)).toBe(shown))

  it.each([
    [999, '999'],
    [1_000, '1k'],
    [2_700, '2.7k'],
    [1_24_000, '1.24L'],
    [1_20_00_000, '1.2Cr'],
    [-2_700, '−2.7k'],
  ])('shortens %s to %s', (n, shown) => expect(compact(n)).toBe(shown))

  it.each([
    [125, '12.5%'],
    [800, '80%'],
    [-24, '−2.4%'],
  ])('shares %s per mille as %s', (n, shown) => expect(perMille(n)).toBe(shown))

  it.each([
    [0, '0%'],
    [0.4, '<1%'],
    [1, '1%'],
    [22.8, '23%'],
    [100, '100%'],
  ])('shares %s per cent as %s', (n, shown) => expect(share(n)).toBe(shown))

  it.each([
    [1_800, '18%'],
    [240, '2.4%'],
    [225, '2.25%'],
    [0, '0%'],
  ])('rates %s basis points as %s', (bps, shown) => expect(rate(bps)).toBe(shown))

  it('has one word for one and another for many', () => {
    expect(plural(1, 'credit')).toBe('1 credit')
    expect(plural(1_200, 'credit')).toBe('1,200 credits')
    expect(plural(2, 'delivery', 'deliveries')).toBe('2 deliveries')
  })
})
