import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { Card, Empty, Page, PageHead, Secret } from '@/ui/kit'
import { Table, usePages } from '@/ui/table'
import { Deliveries } from './deliveries/Deliveries'
import { EndpointCard } from './EndpointCard'
import { endpointColumns } from './columns'
import { EndpointForm } from './EndpointForm'
import { useWebhookSearch } from './search'
import s from './webhooks.module.css'

const PATH = '/v1/webhook-endpoints'

/** Where events are sent, what became of each, and how to send it again. */
export default function Webhooks() {
  const { khata } = useKhata()
  const may = useMay('webhooks:write')
  const { endpointId, change } = useWebhookSearch()
  const [isOpen, { open, close }] = useDisclosure(false)
  const [secret, setSecret] = useState<string | null>(null)
  const { rows, ...list } = usePages(['get', PATH, {}], (cursor, signal) =>
    khata.api.GET(PATH, { params: { query: { limit: 50, ...cursor } }, signal }),
  )
  const chosen = rows?.find(({ id }) => id === endpointId) ?? rows?.[0]
  const add = may && (
    <Button leftSection={<IconPlus size={16} stroke={2.2} />} onClick={open}>
      Add endpoint
    </Button>
  )
  return (
    <Page>
      <PageHead
        title="Webhooks"
        sub="Events go to your servers, signed by the Standard Webhooks rules."
      >
        {rows && rows.length > 0 && add}
      </PageHead>
      <div className={s.stack}>
        <Card title="Endpoints" padded={false}>
          <Table
            label="Endpoints"
            columns={endpointColumns(chosen?.id, (endpoint) => change({ endpoint }))}
            rows={rows}
            idOf={({ id }) => id}
            empty={
              <Empty title="No endpoints yet" action={add}>
                An endpoint is an address of yours that is told of balances, transactions, alerts
                and orders as they happen.
              </Empty>
            }
            {...list}
          />
        </Card>
        {chosen && <EndpointCard key={chosen.id} endpoint={chosen} onSecret={setSecret} />}
        {chosen && <Deliveries endpointId={chosen.id} />}
      </div>
      <EndpointForm isOpen={isOpen} close={close} known={null} onSecret={setSecret} />
      <Secret secret={secret} title="The endpoint’s secret" close={() => setSecret(null)}>
        Your server checks the signature of each event with it. It is shown this once.
      </Secret>
    </Page>
  )
}
