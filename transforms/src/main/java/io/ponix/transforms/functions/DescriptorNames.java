package io.ponix.transforms.functions;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import java.util.List;

/**
 * Refuses names in descriptors that would take far more memory or time than they are long: to put
 * descriptors together makes the full name of everything in them, and looks a type up in each scope
 * that its user is in.
 */
final class DescriptorNames {
    /** In characters; those of protoc's own tests have 60. */
    private static final int LONGEST = 255;

    /** Dots and names of a package. */
    private static final int LONGEST_PACKAGE = 512;

    private static final int MOST_SCOPES = 32;

    /** Of all full names together, in characters; the largest public schemas have a tenth of it. */
    private static final long MOST_CHARACTERS = 4L << 20;

    private long characters;

    private DescriptorNames() {}

    /**
     * Returns if all names are of a reasonable length.
     *
     * @throws InvalidDescriptorsException if they are not; says which
     */
    static void check(List<FileDescriptorProto> files) throws InvalidDescriptorsException {
        DescriptorNames names = new DescriptorNames();
        for (FileDescriptorProto file : files) {
            names.file(file);
        }
    }

    private void file(FileDescriptorProto file) throws InvalidDescriptorsException {
        int scope = file.getPackage().length();
        long scopes = 1 + file.getPackage().chars().filter(c -> c == '.').count();
        if (scope > LONGEST_PACKAGE || scopes > MOST_SCOPES) {
            throw new InvalidDescriptorsException(
                    "a package has more than "
                            + LONGEST_PACKAGE
                            + " characters or "
                            + MOST_SCOPES
                            + " names");
        }
        for (DescriptorProto message : file.getMessageTypeList()) {
            message(message, scope, (int) scopes);
        }
        for (EnumDescriptorProto enumeration : file.getEnumTypeList()) {
            enumeration(enumeration, scope);
        }
    }

    private void message(DescriptorProto message, int scope, int scopes)
            throws InvalidDescriptorsException {
        if (scopes > MOST_SCOPES) {
            throw new InvalidDescriptorsException(
                    "messages are nested in more than " + MOST_SCOPES + " others and packages");
        }
        int inner = scope + add(message.getName(), scope);
        for (int i = 0; i < message.getFieldCount(); i++) {
            add(message.getField(i).getName(), inner);
            add(message.getField(i).getJsonName(), 0);
        }
        for (int i = 0; i < message.getOneofDeclCount(); i++) {
            add(message.getOneofDecl(i).getName(), inner);
        }
        for (EnumDescriptorProto enumeration : message.getEnumTypeList()) {
            enumeration(enumeration, inner);
        }
        for (DescriptorProto nested : message.getNestedTypeList()) {
            message(nested, inner, scopes + 1);
        }
    }

    private void enumeration(EnumDescriptorProto enumeration, int scope)
            throws InvalidDescriptorsException {
        int inner = scope + add(enumeration.getName(), scope);
        for (int i = 0; i < enumeration.getValueCount(); i++) {
            add(enumeration.getValue(i).getName(), inner);
        }
    }

    /** Counts a name in its scope; returns what it adds to the names of what is in it. */
    private int add(String name, int scope) throws InvalidDescriptorsException {
        if (name.length() > LONGEST) {
            throw new InvalidDescriptorsException(
                    "a name has more than "
                            + LONGEST
                            + " characters: "
                            + name.substring(0, LONGEST / 4)
                            + "…");
        }
        characters += scope + 1L + name.length();
        if (characters > MOST_CHARACTERS) {
            throw new InvalidDescriptorsException(
                    "the full names of all that is described have more than "
                            + MOST_CHARACTERS
                            + " characters together");
        }
        return 1 + name.length();
    }
}
