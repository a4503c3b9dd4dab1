import { ActionIcon, Menu } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconDots } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { Confirm, toast } from '@/ui/kit'
import type { ApiKey } from './Keys'

interface Props {
  apiKey: ApiKey
  onSecret: (secret: string) => void
}

/** Rotate with overlap, or end. */
export function KeyActions({ apiKey, onSecret }: Props) {
  const { khata } = useKhata()
  const client = useQueryClient()
  const may = useMay('keys:write')
  const [isOpen, { open, close }] = useDisclosure(false)
  const params = { path: { key_id: apiKey.id } }
  const onSettled = () => client.invalidateQueries({ queryKey: ['get', '/v1/api-keys'] })
  const rotate = useMutation({
    mutationFn: () => khata.api.POST('/v1/api-keys/{key_id}/rotate', { params, body: {} }),
    onSuccess: ({ data }) => {
      if (data) onSecret(data.secret)
    },
    onSettled,
  })
  const revoke = useMutation({
    mutationFn: () => khata.api.DELETE('/v1/api-keys/{key_id}', { params }),
    onSuccess: () => {
      close()
      toast('Key revoked', apiKey.name)
    },
    onSettled,
  })
  if (!may || apiKey.revoked_at) return null
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`Actions of ${apiKey.name}`} loading={rotate.isPending}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => rotate.mutate()}>Rotate, old one good for a day</Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={open}>Revoke</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        isOpen={isOpen}
        close={close}
        title={`Revoke ${apiKey.name}?`}
        act="Revoke key"
        typed={apiKey.name}
        onAct={() => revoke.mutate()}
        isPending={revoke.isPending}
        error={revoke.error}
      >
        <p>Whoever calls with it is refused from now on. It can’t be taken back.</p>
      </Confirm>
    </>
  )
}
