/** Figures as people in India read them: lakh grouping, a true minus, rupees from paise. */

const LOCALE = 'en-IN'
const MINUS = '\u2212'
const UNKNOWN = '\u2014'

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 })
const fine = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 })
const rupees = new Intl.NumberFormat(LOCALE, { style: 'currency', currency: 'INR' })
const wholeRupees = new Intl.NumberFormat(LOCALE, {
  style: 'currency',
  currency: 'INR',
  maximumFractionDigits: 0,
})

const STEPS = [
  { from: 1e7, unit: 'Cr', digits: 2 },
  { from: 1e5, unit: 'L', digits: 2 },
  { from: 1e3, unit: 'k', digits: 1 },
] as const

const withMinus = (text: string) => text.replace('-', MINUS)

/** 123456 as 1,23,456. What is not known yet is a dash, never 0. */
export const count = (n: number | null | undefined) =>
  n === null || n === undefined ? UNKNOWN : withMinus(whole.format(n))

/** The same with its sign, as in a list of movements. */
export const signed = (n: number) => (n > 0 ? '+' : '') + count(n)

/** Paise as ₹602.00. */
export const money = (paise: number) => withMinus(rupees.format(paise / 100))

/** Paise as ₹500 where no paise are over: the name of a pack or a limit, never a sum owed. */
export const wholeMoney = (paise: number) =>
  paise % 100 === 0 ? withMinus(wholeRupees.format(paise / 100)) : money(paise)

/** 2,700 as 2.7k, 1,24,000 as 1.24L: for axes, legends and limits alone. */
export function compact(n: number): string {
  const step = STEPS.find(({ from }) => Math.abs(n) >= from)
  if (!step) return count(n)
  return withMinus((n / step.from).toFixed(step.digits).replace(/\.?0+$/, '')) + step.unit
}

/** A share of a whole, given in per mille as the server counts it: 125 as 12.5%. */
export const perMille = (n: number) => `${withMinus((n / 10).toFixed(n % 10 === 0 ? 0 : 1))}%`

/** A rate in basis points, as the server counts it: 240 as 2.4%. */
export const rate = (bps: number) => `${fine.format(bps / 100)}%`

/** A share of a whole in whole per cent; what is there and less than one is said so. */
export const share = (percentage: number) =>
  percentage > 0 && percentage < 1 ? '<1%' : `${whole.format(percentage)}%`

/** 1 operation, 2 operations. */
export const plural = (n: number, one: string, many = `${one}s`) =>
  `${count(n)} ${Math.abs(n) === 1 ? one : many}`
