package io.ponix.intake;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Intake expressions for what network servers send, each nothing but the text of an expression that
 * a person might have written. {@code docs/intake.md} says what they do.
 */
public enum IntakePreset {
    /** The Things Stack v3, webhook and MQTT. */
    THE_THINGS_STACK("the-things-stack"),

    /** ChirpStack v4, HTTP integration and MQTT, JSON. */
    CHIRPSTACK("chirpstack"),

    /** ChirpStack v4, HTTP integration and MQTT, Protocol Buffers. */
    CHIRPSTACK_PROTOBUF("chirpstack-protobuf"),

    /** Helium Console, HTTP and MQTT. */
    HELIUM("helium"),

    /** Actility ThingPark, JSON. */
    THINGPARK("thingpark"),

    /** Any bytes, on the topic {@code {organization_id}/{device_id}}. */
    RAW("raw"),

    /** JSON as it is, the device named in it or by the topic. */
    JSON("json");

    private final String presetName;
    private final String expression;

    IntakePreset(String presetName) {
        this.presetName = presetName;
        this.expression = read("presets/" + presetName + ".cel");
    }

    /** The preset of a name. */
    public static Optional<IntakePreset> named(String name) {
        return Arrays.stream(values()).filter(each -> each.presetName.equals(name)).findFirst();
    }

    /** What it is called, in lower case, with hyphens. */
    public String presetName() {
        return presetName;
    }

    /** The expression, with comments that explain it. */
    public String expression() {
        return expression;
    }

    private static String read(String resource) {
        try (InputStream in = IntakePreset.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
