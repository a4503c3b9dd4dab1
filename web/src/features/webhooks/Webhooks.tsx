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
import { says } from './messages'
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
      {says.add}
    </Button>
  )
  return (
    <Page>
      <PageHead title={says.title} sub={says.sub}>
        {rows && rows.length > 0 && add}
      </PageHead>
      <div className={s.stack}>
        <Card title={says.endpoints.title} padded={false}>
          <Table
            label={says.endpoints.title}
            columns={endpointColumns(chosen?.id, (endpoint) => change({ endpoint }))}
            rows={rows}
            idOf={({ id }) => id}
            empty={
              <Empty title={says.endpoints.none} action={add}>
                {says.endpoints.empty}
              </Empty>
            }
            {...list}
          />
        </Card>
        {chosen && <EndpointCard key={chosen.id} endpoint={chosen} onSecret={setSecret} />}
        {chosen && <Deliveries endpointId={chosen.id} />}
      </div>
      <EndpointForm isOpen={isOpen} close={close} known={null} onSecret={setSecret} />
      <Secret secret={secret} title={says.secret.title} close={() => setSecret(null)}>
        {says.secret.text}
      </Secret>
    </Page>
  )
}
