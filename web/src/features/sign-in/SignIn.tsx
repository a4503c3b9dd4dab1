import { Button } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useKhata } from '@/react'
import { Form } from '@/ui/kit'
import { EmailField, PasswordField } from './Fields'
import { Forgotten } from './Forgotten'
import { useFragment } from './fragment'
import { Frame } from './Frame'
import { says } from './messages'
import { AtProvider, NotByProvider } from './Provider'
import { SetPassword } from './SetPassword'
import s from './sign-in.module.css'
import { HOME, useEntering } from './useEntering'

const route = getRouteApi('/sign-in')

/** By e-mail and password, at a provider of identities, or once by a link that sets a password. */
export default function SignIn() {
  const token = useFragment('token')
  const mailed = useFragment('reset')
  if (token) return <SetPassword token={token} mayRename />
  return mailed ? <SetPassword token={mailed} mayRename={false} /> : <ByPassword />
}

function ByPassword() {
  const { queries } = useKhata()
  const { next = HOME } = route.useSearch()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [hasForgotten, setForgotten] = useState(false)
  const reason = useFragment('error')
  const ways = queries.useQuery('get', '/v1/session/ways', {}, { staleTime: Infinity })
  const entering = useEntering(
    (api) => api.POST('/v1/session', { body: { email, password } }),
    next,
  )
  if (hasForgotten) return <Forgotten known={email} close={() => setForgotten(false)} />
  return (
    <Frame title={says.signIn.title} sub={says.signIn.sub}>
      {reason && entering.isIdle && <NotByProvider reason={reason} />}
      <Form saving={entering} failed={says.signIn.failed} submit={says.signIn.title} isWide>
        {(errors) => (
          <>
            <EmailField value={email} set={setEmail} error={errors['email']} />
            <PasswordField value={password} set={setPassword} error={errors['password']} />
          </>
        )}
      </Form>
      {ways.data?.oidc && <AtProvider {...ways.data.oidc} next={next} />}
      {ways.data?.password_reset && (
        <Button
          className={s.further}
          variant="default"
          size="xs"
          onClick={() => setForgotten(true)}
        >
          {says.signIn.forgotten}
        </Button>
      )}
      {ways.data?.password_reset === false && (
        <p className={s.aside}>
          {says.signIn.noPassword} <code>khata sign-in</code> {says.signIn.makesAnother}
        </p>
      )}
    </Frame>
  )
}
