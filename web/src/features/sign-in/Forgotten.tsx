import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useKhata } from '@/react'
import { Form, Notice } from '@/ui/kit'
import { EmailField } from './Fields'
import { Frame } from './Frame'
import { says } from './messages'
import s from './sign-in.module.css'

/** Whoever has forgotten the password is sent a link. Whether there is such a user is not told. */
export function Forgotten({ known, close }: { known: string; close: () => void }) {
  const { khata } = useKhata()
  const [email, setEmail] = useState(known)
  const asking = useMutation({
    mutationFn: async () => {
      const { data } = await khata.api.POST('/v1/session/password-reset', { body: { email } })
      return data
    },
  })
  const told = useRef<HTMLDivElement>(null)
  useEffect(() => told.current?.focus(), [asking.data])
  return (
    <Frame title={says.forgotten.title} sub={says.forgotten.sub}>
      {asking.data ? (
        <Notice tone="brand" title={says.forgotten.done} ref={told}>
          <p>{says.forgotten.sent(asking.data.email, asking.data.good_for_minutes)}</p>
        </Notice>
      ) : (
        <Form saving={asking} failed={says.forgotten.failed} submit={says.forgotten.act} isWide>
          {(errors) => <EmailField value={email} set={setEmail} error={errors['email']} isFirst />}
        </Form>
      )}
      <Button className={s.further} variant="default" size="xs" onClick={close}>
        {says.forgotten.back}
      </Button>
    </Frame>
  )
}
