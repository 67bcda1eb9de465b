package io.ponix.transforms.functions;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelFunctionOverload;
import java.util.ArrayList;
import java.util.List;

/**
 * Functions that read bytes, called on the bytes they read: {@code input.u16be(3)}. None reads
 * outside of them; the error names the function, the offset and the size.
 *
 * <table>
 * <caption>Functions of bytes</caption>
 * <tr><td>{@code u8(offset)} and its like</td><td>a number, see {@link BytesNumber}</td></tr>
 * <tr><td>{@code bit(offset, n)}, {@code bits(offset, from, length)} and its like, {@code
 *     slice(from, to)}, {@code reverse()}, {@code hex()}</td><td>see {@link BytesParts}</td></tr>
 * <tr><td>{@code sections(flags, [sizes])}</td><td>map(int, bytes), see {@link TaggedValues}</td>
 *     </tr>
 * </table>
 */
public final class BytesFunctions extends DeclaredFunctions {
    private static final CelType BYTES_BY_TAG = MapType.create(SimpleType.INT, SimpleType.BYTES);

    public BytesFunctions() {
        super(overloads());
    }

    private static List<Overload> overloads() {
        List<Overload> overloads = new ArrayList<>();
        for (BytesNumber number : BytesNumber.values()) {
            overloads.add(
                    member(
                            number.function(),
                            FunctionCost.CONSTANT,
                            number.type(),
                            List.of(SimpleType.INT),
                            arguments ->
                                    number.read(
                                            (CelByteString) arguments[0], (Long) arguments[1])));
        }
        overloads.add(
                member(
                        "bit",
                        FunctionCost.CONSTANT,
                        SimpleType.BOOL,
                        List.of(SimpleType.INT, SimpleType.INT),
                        BytesParts::bit));
        overloads.add(group("bits", BytesParts::bits));
        overloads.add(group("ibits", BytesParts::signedBits));
        overloads.add(group("bits_be", BytesParts::bitsBigEndian));
        overloads.add(group("ibits_be", BytesParts::signedBitsBigEndian));
        overloads.add(
                member(
                        "reverse",
                        FunctionCost.ARGUMENTS,
                        SimpleType.BYTES,
                        List.of(),
                        BytesParts::reverse));
        overloads.add(
                member(
                        "slice",
                        FunctionCost.SLICE,
                        SimpleType.BYTES,
                        List.of(SimpleType.INT, SimpleType.INT),
                        BytesParts::slice));
        overloads.add(
                member(
                        "hex",
                        FunctionCost.ARGUMENTS,
                        SimpleType.STRING,
                        List.of(),
                        arguments -> BytesParts.hex((CelByteString) arguments[0])));
        overloads.add(
                member(
                        "sections",
                        FunctionCost.ARGUMENTS,
                        BYTES_BY_TAG,
                        List.of(SimpleType.INT, ListType.create(SimpleType.INT)),
                        TaggedValues::sections));
        return List.copyOf(overloads);
    }

    /** A group of bits: where it begins, and how many there are. */
    private static Overload group(String name, CelFunctionOverload definition) {
        return member(
                name,
                FunctionCost.CONSTANT,
                SimpleType.INT,
                List.of(SimpleType.INT, SimpleType.INT, SimpleType.INT),
                definition);
    }

    /**
     * @param parameters what it takes besides the bytes that it is called on
     * @param definition called with the bytes and the parameters
     */
    private static Overload member(
            String name,
            FunctionCost cost,
            CelType result,
            List<CelType> parameters,
            CelFunctionOverload definition) {
        List<CelType> all = new ArrayList<>(List.of(SimpleType.BYTES));
        all.addAll(parameters);
        return new Overload(name, "bytes_" + name, cost, true, result, all, definition);
    }
}
