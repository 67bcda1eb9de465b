package io.ponix.transforms.functions;

import dev.cel.checker.CelCheckerBuilder;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.compiler.CelCompilerLibrary;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;
import dev.cel.runtime.CelRuntimeBuilder;
import dev.cel.runtime.CelRuntimeLibrary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Functions that read bytes, called on the bytes they read: {@code input.u16be(3)}. None reads
 * outside of them; the error names the function, the offset and the size.
 *
 * <table>
 * <caption>Functions of bytes</caption>
 * <tr><td>{@code u8(offset)} and its like</td><td>a number, see {@link BytesNumber}</td></tr>
 * <tr><td>{@code bit(offset, n)}, {@code bits(offset, from, length)}, {@code slice(from, to)},
 *     {@code hex()}</td><td>see {@link BytesParts}</td></tr>
 * <tr><td>{@code tlv(tagSize, {tag: length})}, {@code ltv(lengthSize, tagSize)}, {@code
 *     sections(flags, [sizes])}</td><td>map(int, bytes), see {@link TaggedValues}</td></tr>
 * </table>
 */
public final class BytesFunctions implements CelCompilerLibrary, CelRuntimeLibrary {
    /** The overload of {@code slice}, whose cost is the size of its result. */
    public static final String SLICE_OVERLOAD = "bytes_slice";

    private static final CelType BYTES_BY_TAG = MapType.create(SimpleType.INT, SimpleType.BYTES);

    private static final List<Function> FUNCTIONS = functions();

    /** The names of all functions. They depend on nothing but their arguments. */
    public static List<String> names() {
        return FUNCTIONS.stream().map(function -> function.name).toList();
    }

    /** The overloads that take the same time whatever the size of the bytes. */
    public static List<String> constantTimeOverloads() {
        return FUNCTIONS.stream()
                .filter(function -> function.constantTime)
                .map(Function::overload)
                .toList();
    }

    private static List<Function> functions() {
        List<Function> functions = new ArrayList<>();
        for (BytesNumber number : BytesNumber.values()) {
            functions.add(
                    new Function(
                            number.function(),
                            true,
                            number.type(),
                            List.of(SimpleType.INT),
                            arguments ->
                                    number.read(
                                            (CelByteString) arguments[0], (Long) arguments[1])));
        }
        functions.add(
                new Function(
                        "bit",
                        true,
                        SimpleType.BOOL,
                        List.of(SimpleType.INT, SimpleType.INT),
                        BytesParts::bit));
        functions.add(
                new Function(
                        "bits",
                        true,
                        SimpleType.INT,
                        List.of(SimpleType.INT, SimpleType.INT, SimpleType.INT),
                        BytesParts::bits));
        functions.add(
                new Function(
                        "slice",
                        false,
                        SimpleType.BYTES,
                        List.of(SimpleType.INT, SimpleType.INT),
                        BytesParts::slice));
        functions.add(
                new Function(
                        "hex",
                        false,
                        SimpleType.STRING,
                        List.of(),
                        arguments -> BytesParts.hex((CelByteString) arguments[0])));
        functions.add(
                new Function(
                        "tlv",
                        false,
                        BYTES_BY_TAG,
                        List.of(SimpleType.INT, MapType.create(SimpleType.INT, SimpleType.INT)),
                        TaggedValues::tlv));
        functions.add(
                new Function(
                        "ltv",
                        false,
                        BYTES_BY_TAG,
                        List.of(SimpleType.INT, SimpleType.INT),
                        TaggedValues::ltv));
        functions.add(
                new Function(
                        "sections",
                        false,
                        BYTES_BY_TAG,
                        List.of(SimpleType.INT, ListType.create(SimpleType.INT)),
                        TaggedValues::sections));
        return List.copyOf(functions);
    }

    @Override
    public void setCheckerOptions(CelCheckerBuilder checker) {
        for (Function function : FUNCTIONS) {
            List<CelType> parameters = new ArrayList<>(List.of(SimpleType.BYTES));
            parameters.addAll(function.parameters);
            checker.addFunctionDeclarations(
                    CelFunctionDecl.newFunctionDeclaration(
                            function.name,
                            CelOverloadDecl.newMemberOverload(
                                    function.overload(), function.result, parameters)));
        }
    }

    @Override
    public void setRuntimeOptions(CelRuntimeBuilder runtime) {
        for (Function function : FUNCTIONS) {
            List<Class<?>> types = new ArrayList<>(List.of(CelByteString.class));
            function.parameters.forEach(parameter -> types.add(javaType(parameter)));
            runtime.addFunctionBindings(
                    CelFunctionBinding.fromOverloads(
                            function.name,
                            CelFunctionBinding.from(
                                    function.overload(), types, function.definition)));
        }
    }

    private static Class<?> javaType(CelType type) {
        switch (type.kind()) {
            case INT:
                return Long.class;
            case LIST:
                return List.class;
            case MAP:
                return Map.class;
            default:
                throw new AssertionError(type.name());
        }
    }

    /**
     * @param constantTime whether a call takes the same time whatever the size of the bytes
     * @param parameters what it takes besides the bytes that it is called on
     * @param definition called with the bytes and the parameters, which have their declared types
     */
    private record Function(
            String name,
            boolean constantTime,
            CelType result,
            List<CelType> parameters,
            CelFunctionOverload definition) {

        String overload() {
            return "bytes_" + name;
        }
    }
}
