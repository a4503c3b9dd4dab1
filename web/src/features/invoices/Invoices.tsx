import { ActionIcon, Button } from '@mantine/core'
import { IconDownload, IconExternalLink, IconPlus } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { Invoice } from '@/api/types'
import { money } from '@/format/numbers'
import { dayOfYear } from '@/format/times'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Card, Empty, ExportCsv, kit, Page, PageHead, Pill, Quiet, Tooltip } from '@/ui/kit'
import { Table, usePages, type Column } from '@/ui/table'
import s from './invoices.module.css'
import { says } from './messages'

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
      <PageHead title={says.title} sub={says.sub}>
        {rows && rows.length > 0 && <ExportCsv href={`/v1/wallets/${wallet.id}/invoices.csv`} />}
      </PageHead>
      <Card padded={false}>
        <Table
          label={says.title}
          columns={columnsIn(wallet.time_zone)}
          rows={rows}
          idOf={({ id }) => id}
          empty={
            <Empty
              title={says.empty.title}
              action={
                mayPay && (
                  <Button
                    component={Link}
                    to="/org/billing/add-funds"
                    leftSection={<IconPlus size={16} stroke={2.2} />}
                  >
                    {says.empty.add}
                  </Button>
                )
              }
            >
              {says.empty.text}
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
    title: says.columns.number,
    cell: ({ number, reduces, credit_notes }) => (
      <span className={s.number}>
        <span className="mono">{number}</span>
        {reduces && (
          <small>
            {says.reduces} <Document id={reduces.id} number={reduces.number} />
          </small>
        )}
        {credit_notes.map((note) => (
          <small key={note.id}>
            {says.wentBack(note.total)} <Document id={note.id} number={note.number} />
          </small>
        ))}
      </span>
    ),
  },
  { id: 'date', title: says.columns.date, cell: ({ issued_at }) => dayOfYear(issued_at, zone) },
  {
    id: 'taxable',
    title: says.columns.taxable,
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
  {
    id: 'total',
    title: says.columns.total,
    isFigure: true,
    cell: ({ totals }) => money(totals.total),
  },
  {
    id: 'state',
    title: says.columns.state,
    isWide: true,
    cell: ({ kind, credit_notes }) => {
      if (kind === 'credit_note') return <Pill>{says.states.note}</Pill>
      return credit_notes.length > 0 ? (
        <Pill>{says.states.reduced}</Pill>
      ) : (
        <Quiet>{says.states.issued}</Quiet>
      )
    },
  },
  {
    id: 'files',
    title: <span className="vh">{says.columns.files}</span>,
    isFigure: true,
    cell: ({ id, number }) => (
      <span className={s.files}>
        <Tooltip label={says.files.open}>
          <ActionIcon
            component="a"
            href={`/v1/invoices/${id}.html`}
            target="_blank"
            rel="noreferrer"
            aria-label={says.files.openOf(number)}
          >
            <IconExternalLink size={16} stroke={1.8} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={says.files.download}>
          <ActionIcon
            component="a"
            href={`/v1/invoices/${id}.pdf`}
            download
            aria-label={says.files.downloadOf(number)}
          >
            <IconDownload size={16} stroke={1.8} />
          </ActionIcon>
        </Tooltip>
      </span>
    ),
  },
]
