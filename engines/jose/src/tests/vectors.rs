//! Keys and tokens published by RFCs, and tokens made by another library. Every private key here is
//! a published example and protects nothing.

/// RFC 7515 appendix A.2: the public key.
pub(crate) const RSA: &str = "\
    {\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmf\
    HQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZ\
    o9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVM\
    TBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk\
    2PAcDTW9gb54h4FRWyuXpoQ\",\"e\":\"AQAB\"}";

/// RFC 7515 appendix A.2: the private key, as PKCS#8 in base64url.
pub(crate) const RSA_PKCS8: &str = "\
    MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCh-BYK4uPJtGXOjS1lYmM2K5J9vinh8CR3_BYl\
    zJChNuOL2TSXxbbqY913EeZ8dCn5VrD7io8ImtxLaYk8wTM_U-3QGbh3hCUv7JFP5IV3aVlL6kKA0ywPVb9ilE8T\
    A5a8bpvfbr3SvaNnjuygxmj3AbONv_s4yDQs4v5tJ_reSlpIdJed1LnPmt7Ex1sFhSwsD174pcF1A5L5ROjtZMEQ\
    xrZHYJqkeDrrnGya11UxMFBji4NmXG9veoKjlnAqH2QbgtPr8jkiGUkftoaHLFcW9Qr4NY2ai50Xw0Byj3-H2JoY\
    2PyrZ62EWQwuz3WTOTY8BwNNb2BvniHgVFbK5emhAgMBAAECggEAEq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZ\
    D50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn\
    2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZH\
    HzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB\
    4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQKBgQDgHMQQ60imZV1URk0KpLttoLhyt3SmqdEf_kgHePDd\
    tzEafpAu-cS191R2JiuoF2yzWXnwFDcqGigp5BNr0AHQfD8_Lk8l1Mk09jxxCfui5nYooNyac8YFjm3vItzVCVDn\
    Ed3BbVWG8qf6deqElMGAg-C2V0L4oNXnP7LZcPAZRwKBgQC5A8R-CZW2MvRTLLHzwZkUXV866cff7tx6kqa0finG\
    G0KgeqlaZPxgCZnFp7AeAcCMtiynVlJ7vMVgePsLq6XtON4tB5kP9jAPrq3rbAOal78eUH5OcED6eNuCV8ixEu1e\
    WcPNCS_l1OW1EnXUEoEHKl54Xrrz2uNwkgMTP1FZ1wKBgAcCn1dwJKufzBWQxWQp1vsM5fggqPN1qGb5y0MAk3g7\
    _Ls5bkUp5u9SN0Ai3Ya6hNnvWJMb7sXQX6U_zyO2M_hTip7tUeh7CXgwo59dkpN75gJLVds29-DAncu3KXU4f2Fa\
    -7bLNrur53k8KwPOq2bbuTG69QtV7Jr5MR0AHWKNAoGBAIf_evpitUf-4JYbLpvNXWcY052Mpz22aR84mY3nh3F2\
    LF2mjMJDpTg7FmuyPcVw6EcGyoAe9fa65iNqCq-jdw6PVNGo2hxfjSiZ8IIzHdsPXI89__pMjZcQK9r-CCoRjaZj\
    OYiIDktVWZzmevJuv6WywUqd57LE3Zar3dLSIkx1AoGAIYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVu\
    uM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9Sb\
    sxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U";

/// RFC 7515 appendix A.2: the token.
pub(crate) const RS256_TOKEN: &str = "\
    eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGx\
    lLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5R\
    Zmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrn\
    byTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHW\
    EsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig\
    cN_IoypGlUPQGe77Rw";

/// RFC 7515 appendix A.3: the public key.
pub(crate) const P256: &str = "\
    {\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\
    \",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}";

/// RFC 7515 appendix A.3: the private key, as PKCS#8 in base64url.
pub(crate) const P256_PKCS8: &str = "\
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E\
    9LKhRANCAAR_zc4ncPbEXUGDy-5v20t7WAczNXvp7xO6z248e9FURcfxRM0bvZt-hyzf7bnuufSzaV1uqQskrYpG\
    IyiFiOWt";

/// RFC 7515 appendix A.3: the token.
pub(crate) const ES256_TOKEN: &str = "\
    eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGx\
    lLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8I\
    SlSApmWQxfKTUJqPP3-Kg6NU1Q";

/// RFC 7516 appendix A.1: the token (its key is carried by RSA-OAEP with SHA-1, not used here).
pub(crate) const A256GCM_TOKEN: &str = "\
    eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYU\
    mKoTCVJRgckCL9kiMT03JGeipsEdY3mx_etLbbWSrFr05kLzcSr4qKAq7YN7e9jwQRb23nfa6c9d-StnImGyFDbS\
    v04uVuxIp5Zms1gNxKKK2Da14B8S4rzVRltdYwam_lDp5XnZAYpQdb76FdIKLaVmqgfwX7XWRxv2322i-vDxRfqN\
    zo_tETKzpVLzfiwQyeyPGLBIO56YJ7eObdv0je81860ppamavo35UgoRdbYaBcoh9QcfylQr66oc6vFWXRcZ_ZT2\
    LawVCWTIy3brGPi6UklfCpIMfIjf7iGdXKHzg.48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALv\
    tu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A.XFBoMYUZodetZdvTiFvSkQ";

/// RFC 7516 appendix A.1: the content encryption key.
pub(crate) const A256GCM_KEY: &str = "saH0gFSP4XM_tAP_a5rU9ooHbltwLiJpL4LLLnrqQPw";

/// `made elsewhere`, encrypted by the Python library jwcrypto 1.6 to the key of RFC 7515 appendix A.2.
pub(crate) const RSA_OAEP_256_TOKEN: &str = "\
    eyJhbGciOiAiUlNBLU9BRVAtMjU2IiwgImVuYyI6ICJBMjU2R0NNIn0.M-K52CUDQBFMc6-mJ9pHTerys11-uz-D\
    QTCG5SYSblqScGrFyIkMlcjdUgD2HPWWgzrxQGinZAmRjHhjEZEvgAtjBWuumF8rprGif3kvSZ3sKV8aCwwczFC0\
    hT6ZgZGA5P0JjQ16gQcmNQe7fDeXNvn1HhURMriUD606uYRrt4PaJHKOaZZM7B5dinQm0ey0AwfDVWMSqCQG6Nlq\
    KKLeAozg4CE8VdbD-FK039HeweC1o5nNq8aoRu7u_WgI_fHeBfK4S416xs3ioCwFIwdlQOMZVlifMpZCenpoeGrr\
    RWTDhmw7sAM77v8UoBAl588nrw2H0UJrkYA9JcJMlkXv4A.C01XdJS-zyNqLcuv.6hqs10x0tuhXAtyl_wQ.CUGw\
    noYee156mORIRthpQQ";

/// The same to the key of RFC 7515 appendix A.3, `apu` Alice and `apv` Bob.
pub(crate) const ECDH_ES_TOKEN: &str = "\
    eyJhbGciOiJFQ0RILUVTIiwiYXB1IjoiUVd4cFkyVSIsImFwdiI6IlFtOWkiLCJlbmMiOiJBMjU2R0NNIiwiZXBr\
    Ijp7ImNydiI6IlAtMjU2Iiwia3R5IjoiRUMiLCJ4IjoiWk5wb051cnhFN3BEbzltOE1yWnlMcUozTE5sam5VUURu\
    ZjBxajlxN0QyayIsInkiOiIzd2tEQVdMOVR6cVhkODIzeDM1LW5uTEJ1dll4cmY4NXEybWZ5WkZpSlhrIn19..kE\
    YwP8M57NhjQ73J.jKHH-w-rBlVMiDg5D48.zTy4aP_LMWgsOoyc0Gnklw";

/// The same with A128GCM, without `apu` and `apv`.
pub(crate) const ECDH_ES_A128GCM_TOKEN: &str = "\
    eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTEyOEdDTSIsImVwayI6eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwi\
    eCI6Ijhicmwxd25pNU1BZWZaMy1WdTBqakg0Q0pGWmROYlZEcXc4eHZiZE9JUjgiLCJ5IjoiajM3U0RFOHgxT29C\
    Y0VhU0ZxY3oyb1l3eTlReTlLM29NTVNKNG1RUU5zcyJ9fQ..KgLu_2cMIFkSCC5Z.H4omsx-iVZAsCQdshXY.nTL\
    IizsVhxsZNQNwyZAW1w";

/// The same with a wrapped key.
pub(crate) const ECDH_ES_A256KW_TOKEN: &str = "\
    eyJhbGciOiJFQ0RILUVTK0EyNTZLVyIsImVuYyI6IkEyNTZHQ00iLCJlcGsiOnsiY3J2IjoiUC0yNTYiLCJrdHki\
    OiJFQyIsIngiOiJyck54LWtraVhqQnBWV1BqejRVeVVOaTZLVzIzQ0VPSHhUWHp0ZzdXM2tZIiwieSI6Ii11OHdw\
    eHRIRWdqN21zSXBFcncxT1lsTE5KTUpGSHA4UGR5VHdmcEhLVGMifX0.Gt1NPk2S1Vwp5yyNCN_JNHGw_mryyJTv\
    Qd0EO3xeJFqjFU1YZRKpMw.1RI8St8JfP1GcqpL.6_5nUseW3Yu7IKAa6wA.lcxeQuyMXtko1z2CSzg6vA";

/// `{"a":1}`, signed by jwcrypto 1.6 with the key of RFC 7515 appendix A.2.
pub(crate) const PS256_TOKEN: &str = "\
    eyJhbGciOiAiUFMyNTYifQ.eyJhIjoxfQ.FLoV6Aw8mYbjVHnRLiB5WMIlG20B7xFAn5wkIa7efGjkVuzBEi-eGo\
    69dpfyOOthX8mx65Y4dJC86KyilQA4PS-H-tsXvTtl5ZgFuD4BrD23m4ADTJ41ny-EYpdi0JJhHZnqPChQOapjDN\
    Js5JUcHj6pMjxbaV8-7Ii9HMkq_C3IwNJBY_ceLUWQuIHAVUB922t51GQ25OKJ6ladbkv2Qtm4nP9mkv9kQfA1N7\
    5yTdsJWD3ZMjNlOpXFWmaUlnE1q7LZLuFYAeOu_LWKh3pU8s3KWx8FgDSPFxuwZBfdwtJa8OFteZIQgWKNubHFZh\
    Y9sG8if9Au67p4uc8r49mqPQ";
