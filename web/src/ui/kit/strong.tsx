/** A part of a sentence that stands out, where its message has it. */
export const strong = (text: string) => <b key={text}>{text}</b>
