package io.ponix.transforms.functions;

/** What the work of a call is in proportion to. */
public enum FunctionCost {
    /** Nothing: the same for arguments of any size. */
    CONSTANT,

    /** The outermost level of its arguments, and of its result. */
    ARGUMENTS,

    /** The part of its first argument between the second and the third. */
    SLICE,

    /** Its first argument, of which every byte may become an element of its result. */
    DOCUMENT,

    /** What it charges itself, before it does the work. */
    METERED
}
