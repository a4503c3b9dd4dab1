import { ActionIcon, Button } from '@mantine/core'
import { IconDownload, IconExternalLink, IconPlus } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { Invoice } from '@/api/types'
import { money } from '@/format/numbers'
import { dayOfYear } from '@/format/times'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Card, Empty, kit, Page, PageHead, Pill, Quiet, Tooltip } from '@/ui/kit'
import { Table, usePages, type Column } from '@/ui/table'
import s from './invoices.module.css'

const PATH = '/v1/wallets/{wallet_id}/invoices'

/** Tax invoices and credit notes, with the tax of each. */
export default function Invoices() {
  const { wallet } = useChosenWallet()
  const { khata } = useKhata()
  const mayPay = useMay('payments:write')
  const path = { wallet_id: wallet.id }
  const { rows, ...list } = usePages(['get', PATH, { params: { path } }], (cursor, signal) =>
    khata.api.GET(PATH, { params: { path, query: { limit: 50, ...cursor } }, signal }),
  )
  return (
    <Page>
      <PageHead title="Invoices" sub="Tax invoices and credit notes, as they were issued.">
        {rows && rows.length > 0 && (
          <Button
            component="a"
            href={`/v1/wallets/${wallet.id}/invoices.csv`}
            download
            variant="default"
            leftSection={<IconDownload size={16} stroke={1.8} />}
          >
            Export CSV
          </Button>
        )}
      </PageHead>
      <Card padded={false}>
        <Table
          label="Invoices"
          columns={columnsIn(wallet.time_zone)}
          rows={rows}
          idOf={({ id }) => id}
          empty={
            <Empty
              title="No invoices yet"
              action={
                mayPay && (
                  <Button
                    component={Link}
                    to="/org/billing/add-funds"
                    leftSection={<IconPlus size={16} stroke={2.2} />}
                  >
                    Add funds
                  </Button>
                )
              }
            >
              Each payment brings a tax invoice, and each refund a credit note that names it.
            </Empty>
          }
          {...list}
        />
      </Card>
    </Page>
  )
}

/** Another document, by its number, which opens it. */
function Document({ id, number }: { id: string | null; number: string }) {
  if (id === null) return number
  return (
    <a className={kit.link} href={`/v1/invoices/${id}.html`} target="_blank" rel="noreferrer">
      {number}
    </a>
  )
}

/** In a Union Territory without a legislature the State's half has another name. */
const HALVES: Record<string, readonly string[]> = {
  CGST: ['CGST'],
  SGST: ['SGST', 'UTGST'],
  IGST: ['IGST'],
}

function taxOf(invoice: Invoice, column: string): string {
  const found = invoice.taxes.find((tax) => HALVES[column]?.includes(tax.name))
  return found ? money(found.amount) : '—'
}

const columnsIn = (zone: string): Column<Invoice>[] => [
  {
    id: 'number',
    title: 'Number',
    cell: ({ number, reduces, credit_notes }) => (
      <span className={s.number}>
        <span className="mono">{number}</span>
        {reduces && (
          <small>
            reduces <Document id={reduces.id} number={reduces.number} />
          </small>
        )}
        {credit_notes.map((note) => (
          <small key={note.id}>
            {money(note.total)} went back by <Document id={note.id} number={note.number} />
          </small>
        ))}
      </span>
    ),
  },
  { id: 'date', title: 'Date', cell: ({ issued_at }) => dayOfYear(issued_at, zone) },
  {
    id: 'taxable',
    title: 'Taxable value',
    isFigure: true,
    isWide: true,
    cell: ({ totals }) => money(totals.taxable_amount),
  },
  ...Object.keys(HALVES).map((name) => ({
    id: name,
    title: name,
    isFigure: true,
    isWide: true,
    cell: (invoice: Invoice) => taxOf(invoice, name),
  })),
  { id: 'total', title: 'Total', isFigure: true, cell: ({ totals }) => money(totals.total) },
  {
    id: 'state',
    title: 'State',
    isWide: true,
    cell: ({ kind, credit_notes }) => {
      if (kind === 'credit_note') return <Pill>Credit note</Pill>
      return credit_notes.length > 0 ? <Pill>Reduced</Pill> : <Quiet>Issued</Quiet>
    },
  },
  {
    id: 'files',
    title: <span className="vh">Files</span>,
    isFigure: true,
    cell: ({ id, number }) => (
      <span className={s.files}>
        <Tooltip label="Open">
          <ActionIcon
            component="a"
            href={`/v1/invoices/${id}.html`}
            target="_blank"
            rel="noreferrer"
            aria-label={`Open ${number}`}
          >
            <IconExternalLink size={16} stroke={1.8} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Download PDF">
          <ActionIcon
            component="a"
            href={`/v1/invoices/${id}.pdf`}
            download
            aria-label={`Download ${number} as PDF`}
          >
            <IconDownload size={16} stroke={1.8} />
          </ActionIcon>
        </Tooltip>
      </span>
    ),
  },
]
