// Which types of the browser do the typings of the model clients take for granted?
type HeadersInit = ConstructorParameters<typeof Headers>[0]
