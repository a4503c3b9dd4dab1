import { Button, Menu } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconDots } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Problem } from '@/api/problem'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { SparkBars } from '@/ui/charts'
import { Card, Confirm, CopyId, kit, Notice, toast } from '@/ui/kit'
import { moment } from '@/format/times'
import { useChosenWallet } from '@/session/wallet'
import type { Endpoint } from './columns'
import { EndpointForm } from './EndpointForm'
import { says } from './messages'
import s from './webhooks.module.css'

interface Props {
  endpoint: Endpoint
  onSecret: (secret: string) => void
}

type Act = keyof typeof says.done

/** What takes it back. */
const BACK: Partial<Record<Act, Act>> = { enable: 'disable', disable: 'enable' }

/** One endpoint: how it does, and what can be done with it. */
export function EndpointCard({ endpoint, onSecret }: Props) {
  const { khata, queries } = useKhata()
  const { wallet } = useChosenWallet()
  const client = useQueryClient()
  const may = useMay('webhooks:write')
  const [isEditing, edit] = useDisclosure(false)
  const [isDeleting, ask] = useDisclosure(false)
  const params = { path: { endpoint_id: endpoint.id } }
  const { data: figures } = queries.useQuery('get', '/v1/webhook-endpoints/{endpoint_id}/figures', {
    params,
  })
  const act = useMutation({
    mutationFn: async (wanted: Act) => {
      const path = '/v1/webhook-endpoints/{endpoint_id}'
      switch (wanted) {
        case 'test':
          await khata.api.POST(`${path}/test`, { params })
          break
        case 'rotate': {
          const { data } = await khata.api.POST(`${path}/rotate-secret`, { params, body: {} })
          if (data) onSecret(data.secret)
          break
        }
        case 'enable':
          await khata.api.POST(`${path}/enable`, { params })
          break
        case 'disable':
          await khata.api.POST(`${path}/disable`, { params })
          break
        case 'delete':
          await khata.api.DELETE(path, { params })
          break
      }
    },
    onSuccess: (_, wanted) => {
      ask.close()
      const back = BACK[wanted]
      toast(says.done[wanted], endpoint.url, back && (() => act.mutate(back)))
    },
    onSettled: () =>
      client.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/v1/webhook-endpoints'),
      }),
  })
  const problem = act.error instanceof Problem && !isDeleting ? act.error : null
  return (
    <Card
      title={endpoint.url}
      right={
        may && (
          <>
            <Button size="xs" variant="default" onClick={() => act.mutate('test')}>
              {says.card.test}
            </Button>
            <Menu position="bottom-end">
              <Menu.Target>
                <Button size="xs" variant="default" aria-label={says.card.more}>
                  <IconDots size={15} />
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={edit.open}>{says.card.edit}</Menu.Item>
                <Menu.Item onClick={() => act.mutate('rotate')}>{says.card.rotate}</Menu.Item>
                <Menu.Item
                  onClick={() => act.mutate(endpoint.state === 'enabled' ? 'disable' : 'enable')}
                >
                  {endpoint.state === 'enabled' ? says.card.disable : says.card.enable}
                </Menu.Item>
                <Menu.Divider />
                <Menu.Item onClick={ask.open}>{says.card.delete}</Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </>
        )
      }
    >
      {problem && (
        <Notice tone="bad" title={says.card.failed}>
          <p>{problem.detail}</p>
        </Notice>
      )}
      {endpoint.state === 'disabled' && endpoint.why && (
        <Notice tone="warn" title={says.card.disabled}>
          <p>{endpoint.why}</p>
        </Notice>
      )}
      <dl className={kit.facts}>
        <div>
          <dt>{says.card.id}</dt>
          <dd>
            <CopyId value={endpoint.id} label={says.card.copied} />
          </dd>
        </div>
        {endpoint.old_secret_until && (
          <div>
            <dt>{says.card.oldSecret}</dt>
            <dd>{moment(endpoint.old_secret_until, wallet.time_zone)}</dd>
          </div>
        )}
        {endpoint.failing_since && (
          <div>
            <dt>{says.card.failing}</dt>
            <dd>{moment(endpoint.failing_since, wallet.time_zone)}</dd>
          </div>
        )}
        <div>
          <dt>{says.card.accepted}</dt>
          <dd className={s.spark}>
            {figures && (
              <SparkBars values={figures.hours.map(({ accepted }) => accepted)} width={160} />
            )}
          </dd>
        </div>
      </dl>
      <EndpointForm isOpen={isEditing} close={edit.close} known={endpoint} onSecret={onSecret} />
      <Confirm
        isOpen={isDeleting}
        close={ask.close}
        title={says.card.deleteTitle}
        act={says.card.deleteAct}
        onAct={() => act.mutate('delete')}
        isPending={act.isPending}
        error={act.error}
      >
        <p>{says.card.deleteText(endpoint.url)}</p>
      </Confirm>
    </Card>
  )
}
