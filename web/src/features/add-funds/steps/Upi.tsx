import { TextInput } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useState } from 'react'
import { says } from '../messages'
import { appOf, isUpiId, UPI_APPS, withHandle, type UpiApp } from '../upi'
import type { CheckoutState } from '../useCheckout'
import s from './upi.module.css'

const ANY_HANDLE = 'bank'

/** From which address it is paid: an app's chip gives the endings that its addresses have. */
export function Upi({ checkout }: { checkout: CheckoutState }) {
  const { vpa, setVpa, isVpaWrong, problem } = checkout
  const [pressed, setPressed] = useState<UpiApp>()
  const app = vpa.includes('@') ? appOf(vpa) : pressed
  const isRight = isUpiId(vpa)
  const choose = (chosen: UpiApp | undefined) => {
    setPressed(chosen)
    if (chosen && chosen !== app) setVpa(withHandle(vpa, chosen.handles[0]))
  }
  return (
    <div className={s.upi}>
      <div role="group" aria-label={says.upi.apps} className={s.chips}>
        <Chip isOn={!app} press={() => choose(undefined)}>
          {says.upi.any}
        </Chip>
        {UPI_APPS.map((each) => (
          <Chip key={each.id} isOn={each === app} press={() => choose(each)}>
            {each.name}
          </Chip>
        ))}
      </div>
      <TextInput
        label={says.upi.label}
        placeholder={says.upi.placeholder(app?.handles[0] ?? ANY_HANDLE)}
        description={isRight ? says.upi.right : says.upi.hint}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        inputMode="email"
        rightSection={
          isRight && <IconCheck size={16} stroke={2.4} className={s.right} aria-hidden />
        }
        value={vpa}
        onChange={({ currentTarget }) => setVpa(currentTarget.value.trim())}
        error={isVpaWrong ? says.upi.wrong : problem?.errors['simulate.vpa']}
      />
      {app && app.handles.length > 1 && vpa && (
        <div role="group" aria-label={says.upi.handles} className={s.chips}>
          {app.handles.map((handle) => (
            <Chip
              key={handle}
              isOn={vpa.endsWith(`@${handle}`)}
              press={() => setVpa(withHandle(vpa, handle))}
            >
              {says.upi.handle(handle)}
            </Chip>
          ))}
        </div>
      )}
    </div>
  )
}

interface ChipProps {
  isOn: boolean
  press: () => void
  children: React.ReactNode
}

function Chip({ isOn, press, children }: ChipProps) {
  return (
    <button type="button" className={s.chip} aria-pressed={isOn} onClick={press}>
      {children}
    </button>
  )
}
