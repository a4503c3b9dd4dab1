import { NumberInput, type NumberInputProps } from '@mantine/core'

/** A whole number from 0 on, grouped as India groups: credits, calls, rupees. */
export function WholeNumber(props: NumberInputProps) {
  return (
    <NumberInput
      min={0}
      allowDecimal={false}
      thousandSeparator=","
      thousandsGroupStyle="lakh"
      hideControls
      {...props}
    />
  )
}
