package io.ponix.transforms.functions;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import dev.cel.checker.CelCheckerBuilder;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntimeBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Decoders of payloads that describe themselves.
 *
 * <table>
 * <caption>Decoders</caption>
 * <tr><td>{@code json_decode(bytes|string) -> dyn}</td><td>RFC 8259; bytes are UTF-8, or
 *     UTF-16 or UTF-32 as by RFC 4627. See {@link
 *     DocumentReader} for the values</td></tr>
 * <tr><td>{@code cbor_decode(bytes) -> dyn}</td><td>RFC 8949. See {@link DocumentReader} for the
 *     values</td></tr>
 * <tr><td>{@code msgpack_decode(bytes) -> dyn}</td><td>MessagePack. See {@link MessagePackReader}
 *     for the values</td></tr>
 * <tr><td>{@code senml_decode(bytes[, timestamp]) -> list(map(string, dyn))}</td><td>RFC 8428, of
 *     JSON or CBOR. See {@link SenMl} for the records</td></tr>
 * </table>
 */
public final class DocumentFunctions implements FunctionLibrary {
    private static final String JSON_DECODE = "json_decode";
    private static final String CBOR_DECODE = "cbor_decode";
    private static final String MSGPACK_DECODE = "msgpack_decode";
    private static final String SENML_DECODE = "senml_decode";

    private static final String JSON_DECODE_BYTES = "json_decode_bytes";
    private static final String JSON_DECODE_STRING = "json_decode_string";
    private static final String CBOR_DECODE_BYTES = "cbor_decode_bytes";
    private static final String MSGPACK_DECODE_BYTES = "msgpack_decode_bytes";
    private static final String SENML_DECODE_BYTES = "senml_decode_bytes";
    private static final String SENML_DECODE_BYTES_TIMESTAMP = "senml_decode_bytes_timestamp";

    /** Field names are not interned: whoever sends them decides how many there are. */
    private static final JsonFactory JSON =
            new JsonFactoryBuilder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();

    private static final CBORFactory CBOR =
            CBORFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();

    /** CBOR's major type 4, an array, in the upper three bits of the first byte. */
    private static final int CBOR_ARRAY = 4;

    @Override
    public List<String> names() {
        return List.of(JSON_DECODE, CBOR_DECODE, MSGPACK_DECODE, SENML_DECODE);
    }

    @Override
    public Map<String, FunctionCost> costs() {
        return Map.of(
                JSON_DECODE_BYTES, FunctionCost.DOCUMENT,
                JSON_DECODE_STRING, FunctionCost.DOCUMENT,
                CBOR_DECODE_BYTES, FunctionCost.DOCUMENT,
                MSGPACK_DECODE_BYTES, FunctionCost.DOCUMENT,
                SENML_DECODE_BYTES, FunctionCost.DOCUMENT,
                SENML_DECODE_BYTES_TIMESTAMP, FunctionCost.DOCUMENT);
    }

    @Override
    public void setCheckerOptions(CelCheckerBuilder checker) {
        CelType records = ListType.create(MapType.create(SimpleType.STRING, SimpleType.DYN));
        checker.addFunctionDeclarations(
                CelFunctionDecl.newFunctionDeclaration(
                        JSON_DECODE,
                        CelOverloadDecl.newGlobalOverload(
                                JSON_DECODE_BYTES, SimpleType.DYN, SimpleType.BYTES),
                        CelOverloadDecl.newGlobalOverload(
                                JSON_DECODE_STRING, SimpleType.DYN, SimpleType.STRING)),
                CelFunctionDecl.newFunctionDeclaration(
                        CBOR_DECODE,
                        CelOverloadDecl.newGlobalOverload(
                                CBOR_DECODE_BYTES, SimpleType.DYN, SimpleType.BYTES)),
                CelFunctionDecl.newFunctionDeclaration(
                        MSGPACK_DECODE,
                        CelOverloadDecl.newGlobalOverload(
                                MSGPACK_DECODE_BYTES, SimpleType.DYN, SimpleType.BYTES)),
                CelFunctionDecl.newFunctionDeclaration(
                        SENML_DECODE,
                        CelOverloadDecl.newGlobalOverload(
                                SENML_DECODE_BYTES, records, SimpleType.BYTES),
                        CelOverloadDecl.newGlobalOverload(
                                SENML_DECODE_BYTES_TIMESTAMP,
                                records,
                                SimpleType.BYTES,
                                SimpleType.TIMESTAMP)));
    }

    @Override
    public void setRuntimeOptions(CelRuntimeBuilder runtime) {
        runtime.addFunctionBindings(
                CelFunctionBinding.fromOverloads(
                        JSON_DECODE,
                        CelFunctionBinding.from(
                                JSON_DECODE_BYTES,
                                CelByteString.class,
                                document -> json(JSON_DECODE, document)),
                        CelFunctionBinding.from(
                                JSON_DECODE_STRING,
                                String.class,
                                document ->
                                        DocumentReader.read(
                                                JSON_DECODE, () -> JSON.createParser(document)))));
        runtime.addFunctionBindings(
                CelFunctionBinding.fromOverloads(
                        CBOR_DECODE,
                        CelFunctionBinding.from(
                                CBOR_DECODE_BYTES,
                                CelByteString.class,
                                document -> cbor(CBOR_DECODE, document))));
        runtime.addFunctionBindings(
                CelFunctionBinding.fromOverloads(
                        MSGPACK_DECODE,
                        CelFunctionBinding.from(
                                MSGPACK_DECODE_BYTES,
                                CelByteString.class,
                                MessagePackReader::read)));
        runtime.addFunctionBindings(
                CelFunctionBinding.fromOverloads(
                        SENML_DECODE,
                        CelFunctionBinding.from(
                                SENML_DECODE_BYTES,
                                CelByteString.class,
                                document -> senMl(document, null)),
                        CelFunctionBinding.from(
                                SENML_DECODE_BYTES_TIMESTAMP,
                                CelByteString.class,
                                Instant.class,
                                DocumentFunctions::senMl)));
    }

    /**
     * The values of a JSON document, as {@code json_decode} gives them.
     *
     * @throws IllegalArgumentException if it is not JSON; says where
     */
    public static Object decodeJson(String document) {
        try {
            return DocumentReader.read(JSON_DECODE, () -> JSON.createParser(document));
        } catch (CelBadFormatException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static Object json(String function, CelByteString document) {
        byte[] bytes = BytesContents.of(document);
        JsonEncoding.require(function, bytes);
        return DocumentReader.read(function, () -> JSON.createParser(bytes));
    }

    private static Object cbor(String function, CelByteString document) {
        return DocumentReader.read(function, () -> CBOR.createParser(BytesContents.of(document)));
    }

    /** A pack is an array; in JSON that begins with a bracket, which in CBOR begins a string. */
    private static List<Object> senMl(CelByteString document, Instant now) {
        byte[] bytes = BytesContents.of(document);
        boolean cbor = bytes.length > 0 && (bytes[0] & 0xFF) >> 5 == CBOR_ARRAY;
        return SenMl.resolve(
                SENML_DECODE,
                cbor ? cbor(SENML_DECODE, document) : json(SENML_DECODE, document),
                cbor,
                now);
    }
}
