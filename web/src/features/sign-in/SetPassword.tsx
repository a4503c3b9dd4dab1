import { useState } from 'react'
import { Form } from '@/ui/kit'
import { EmailField, PasswordField } from './Fields'
import { Frame } from './Frame'
import { useEntering } from './useEntering'

/** The link of a sign-in: whoever has it sets the password of its user, once. */
export function SetPassword({ token }: { token: string }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const entering = useEntering((api) =>
    api.POST('/v1/session', { body: { token, email, password } }),
  )
  return (
    <Frame title="Set your password" says="You sign in with it from now on.">
      <Form
        saving={entering}
        failed="The password was not set."
        submit="Set password and sign in"
        isWide
      >
        {(errors) => (
          <>
            <EmailField value={email} set={setEmail} error={errors['email']} />
            <PasswordField
              label="New password"
              isNew
              value={password}
              set={setPassword}
              error={errors['password']}
            />
          </>
        )}
      </Form>
    </Frame>
  )
}
