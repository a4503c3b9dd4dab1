import { ActionIcon, Menu, Select } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconDots } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { Confirm, toast } from '@/ui/kit'
import { OVERLAPS, USUAL_OVERLAP } from './choices'
import type { ApiKey, Made } from './Keys'
import { LimitForm } from './LimitForm'
import { says } from './messages'

interface Props {
  apiKey: ApiKey
  onSecret: (made: Made) => void
}

/** Rotate with overlap, limit, or end. */
export function KeyActions({ apiKey, onSecret }: Props) {
  const may = useMay('keys:write')
  const [isRotating, rotate] = useDisclosure(false)
  const [isLimiting, limit] = useDisclosure(false)
  const [isRevoking, revoke] = useDisclosure(false)
  if (!may || apiKey.revoked_at) return null
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={says.actions.of(apiKey.name)}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={rotate.open}>{says.actions.rotate}</Menu.Item>
          <Menu.Item onClick={limit.open}>{says.actions.limit}</Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={revoke.open}>{says.actions.revoke}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Rotate apiKey={apiKey} isOpen={isRotating} close={rotate.close} onSecret={onSecret} />
      <LimitForm apiKey={apiKey} isOpen={isLimiting} close={limit.close} />
      <Revoke apiKey={apiKey} isOpen={isRevoking} close={revoke.close} />
    </>
  )
}

interface DialogProps {
  apiKey: ApiKey
  isOpen: boolean
  close: () => void
}

function Rotate({ apiKey, isOpen, close, onSecret }: DialogProps & Pick<Props, 'onSecret'>) {
  const { khata } = useKhata()
  const client = useQueryClient()
  const [overlap, setOverlap] = useState(USUAL_OVERLAP)
  const rotate = useMutation({
    mutationFn: () =>
      khata.api.POST('/v1/api-keys/{key_id}/rotate', {
        params: { path: { key_id: apiKey.id } },
        body: { overlap_seconds: Number(overlap) },
      }),
    onSuccess: ({ data }) => {
      close()
      if (data) onSecret({ secret: data.secret, formerUntil: data.former_secrets_good_until })
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['get', '/v1/api-keys'] }),
  })
  return (
    <Confirm
      isOpen={isOpen}
      close={close}
      title={says.rotate.title(apiKey.name)}
      act={says.rotate.act}
      onAct={() => rotate.mutate()}
      isPending={rotate.isPending}
      error={rotate.error}
    >
      <p>{says.rotate.text}</p>
      <Select
        mt={12}
        label={says.rotate.overlap}
        data={OVERLAPS}
        value={overlap}
        onChange={(chosen) => setOverlap(chosen ?? USUAL_OVERLAP)}
        allowDeselect={false}
      />
    </Confirm>
  )
}

function Revoke({ apiKey, isOpen, close }: DialogProps) {
  const { khata } = useKhata()
  const client = useQueryClient()
  const revoke = useMutation({
    mutationFn: () =>
      khata.api.DELETE('/v1/api-keys/{key_id}', { params: { path: { key_id: apiKey.id } } }),
    onSuccess: () => {
      close()
      toast(says.revoke.done, apiKey.name)
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['get', '/v1/api-keys'] }),
  })
  return (
    <Confirm
      isOpen={isOpen}
      close={close}
      title={says.revoke.title(apiKey.name)}
      act={says.revoke.act}
      typed={apiKey.name}
      onAct={() => revoke.mutate()}
      isPending={revoke.isPending}
      error={revoke.error}
    >
      <p>{says.revoke.text}</p>
    </Confirm>
  )
}
