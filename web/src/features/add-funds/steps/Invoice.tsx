import { Select, TextInput } from '@mantine/core'
import s from '../funds.module.css'
import { says } from '../messages'
import { STATES } from '../states'
import type { CheckoutState } from '../useCheckout'

/** Whom the tax invoice is for. The State decides which tax it shows. */
export function Invoice({ checkout: { buyer, problem } }: { checkout: CheckoutState }) {
  const { fields, edit, errors } = buyer
  const told = problem?.errors ?? {}
  return (
    <fieldset className={s.step}>
      <legend>{says.invoice.title}</legend>
      <div className={s.pair}>
        <TextInput
          label={says.invoice.name}
          autoComplete="organization"
          value={fields.name}
          onChange={({ currentTarget }) => edit({ name: currentTarget.value })}
          error={errors.name ?? told['buyer.name']}
        />
        <Select
          label={says.invoice.state}
          placeholder={says.invoice.stateHint}
          data={STATES}
          value={fields.state_code || null}
          onChange={(state_code) => edit({ state_code: state_code ?? '' })}
          searchable
          allowDeselect={false}
          nothingFoundMessage={says.invoice.unknownState}
          error={errors.state_code ?? told['buyer.state_code']}
        />
        <TextInput
          label={says.invoice.gstin}
          description={says.invoice.gstinHint}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          autoComplete="off"
          spellCheck={false}
          value={fields.gstin}
          onChange={({ currentTarget }) =>
            edit({ gstin: currentTarget.value.toUpperCase().trim() })
          }
          error={told['buyer.gstin']}
        />
        <TextInput
          label={says.invoice.address}
          autoComplete="street-address"
          value={fields.address}
          onChange={({ currentTarget }) => edit({ address: currentTarget.value })}
          error={told['buyer.address']}
        />
      </div>
    </fieldset>
  )
}
