import { money } from '@/format/numbers'

/** What the page of invoices says. */
export const says = {
  title: 'Invoices',
  sub: 'Tax invoices and credit notes, as they were issued.',
  empty: {
    title: 'No invoices yet',
    text: 'Each payment brings a tax invoice, and each refund a credit note that names it.',
    add: 'Add funds',
  },
  columns: {
    number: 'Number',
    date: 'Date',
    taxable: 'Taxable value',
    total: 'Total',
    state: 'State',
    files: 'Files',
  },
  /** The number of the other document follows. */
  reduces: 'reduces',
  wentBack: (paise: number) => `${money(paise)} went back by`,
  states: { note: 'Credit note', reduced: 'Reduced', issued: 'Issued' },
  files: {
    open: 'Open',
    openOf: (number: string) => `Open ${number}`,
    download: 'Download PDF',
    downloadOf: (number: string) => `Download ${number} as PDF`,
  },
}
