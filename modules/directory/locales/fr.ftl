directory-nav = Annuaire
directory-nav-organisations = Organisations
directory-nav-people = Personnes
directory-sign-in-title = Se connecter
directory-sign-in-submit = Se connecter
directory-sign-in-refused = L’adresse ou le mot de passe ne correspond pas.
directory-email = Adresse électronique
directory-email-hint = Par exemple{"\u00A0"}: prenom.nom@ministere.example
directory-password = Mot de passe
directory-password-new = Nouveau mot de passe
directory-password-hint = { $number } caractères au moins. Une phrase que vous seul connaissez convient très bien.
directory-password-changed = Votre mot de passe est changé. Vos sessions ouvertes ont été fermées.
directory-forgotten = Choisir un nouveau mot de passe
directory-forgotten-lead = Nous vous envoyons un lien, valable une heure.
directory-forgotten-submit = Envoyer le lien
directory-forgotten-sent = Si cette adresse a un compte, un message vient de lui être envoyé. Pensez à regarder dans les indésirables.
directory-mail-reset-subject = Choisir un nouveau mot de passe
directory-mail-reset-text = Bonjour,

    Pour choisir un nouveau mot de passe, ouvrez ce lien dans l’heure :
    { $link }

    Si vous n’avez rien demandé, ignorez ce message.
directory-choose-title = Nouveau mot de passe
directory-choose-submit = Enregistrer le mot de passe
directory-choose-expired = Ce lien ne fonctionne plus. Demandez-en un nouveau.
directory-account = Mon compte
directory-account-lead = Votre adresse, vos moyens de connexion, vos sessions et vos droits.
directory-own-grants = Mes droits
directory-role = Rôle
directory-place = Portée
directory-granted-by = Accordé par
directory-granted-at = Accordé le
directory-whole-state = L’État entier
directory-no-grant = Aucun droit particulier.
directory-organisations = Organisations
directory-organisations-lead = Les ministères, leurs directions, les opérateurs et les collectivités.
directory-organisations-empty = Aucune organisation ne correspond. Élargissez la recherche.
directory-organisation = Organisation
directory-organisation-name = Nom
directory-organisation-acronym = Sigle
directory-organisation-kind = Nature
directory-organisation-siret = SIRET
directory-organisation-siret-hint = 14 chiffres, les espaces sont acceptés
directory-organisation-parent = Organisation de rattachement
directory-organisation-below = Organisations rattachées
directory-organisation-add = Ajouter une organisation
directory-organisation-edit = Modifier l’organisation
directory-organisation-products = Voir ses produits numériques
directory-no-parent = Aucune
directory-all-kinds = Toutes
directory-search = Rechercher un nom ou un sigle
directory-filter = Filtrer
directory-save = Enregistrer
directory-people = Personnes
directory-people-lead = Les personnes qui ont un compte, et leurs droits.
directory-people-empty = Personne pour l’instant.
directory-person-name = Nom
directory-person-add = Ajouter une personne
directory-no-organisation = Aucune
directory-account-state = État du compte
directory-account-open = Ouvert
directory-account-closed = Fermé
directory-account-close = Fermer le compte
directory-account-open-again = Rouvrir le compte
directory-grants = Droits
directory-grant = Droit
directory-grant-add = Accorder un droit
directory-grant-submit = Accorder le droit
directory-grant-withdraw = Retirer le droit
directory-mistake-name-missing = Indiquez un nom.
directory-mistake-name-long = Le nom est trop long{"\u00A0"}: 300 caractères au plus.
directory-mistake-name-taken = Une organisation de même nature porte déjà ce nom.
directory-mistake-acronym-long = Le sigle est trop long{"\u00A0"}: 40 caractères au plus.
directory-mistake-kind = Choisissez une nature dans la liste.
directory-mistake-siret-length = Un SIRET compte 14 chiffres.
directory-mistake-siret-check = Ce SIRET contient une erreur{"\u00A0"}: sa clé de contrôle ne correspond pas.
directory-mistake-siret-taken = Une autre organisation porte déjà ce SIRET.
directory-mistake-parent = Choisissez une organisation dans la liste.
directory-mistake-ring = Une organisation ne peut pas être rattachée à elle-même ni à une organisation qui en dépend.
directory-mistake-stale = Quelqu’un a modifié cette organisation entre-temps. Vérifiez, puis enregistrez de nouveau.
directory-mistake-email = Indiquez une adresse électronique complète, comme prenom.nom@ministere.example.
directory-mistake-email-taken = Cette adresse a déjà un compte.
directory-mistake-role = Choisissez un rôle dans la liste.
directory-mistake-password-short = Trop court{"\u00A0"}: 12 caractères au moins.
directory-mistake-password-long = Trop long{"\u00A0"}: 200 caractères au plus.
directory-mistake-password-easy = Trop facile à deviner{"\u00A0"}: évitez votre adresse et les répétitions.
role-administrator = Administrateur de la plateforme
role-portfolio-officer = Chargé du portefeuille
role-digital-director = Directeur du numérique ministériel
role-product-team = Équipe de produit
role-reader = Lecteur
role-instructor = Instructeur
role-data-producer = Producteur de données
role-data-requester = Demandeur de données
organisation-kind-ministry = Ministère
organisation-kind-directorate = Direction
organisation-kind-operator = Opérateur
organisation-kind-local-body = Collectivité
organisation-kind-incubator = Incubateur
organisation-kind-other = Autre
directory-sign-in-again = Un service vous demande de vous identifier à nouveau.
directory-sign-in-email-lead = Écrivez votre adresse professionnelle{"\u00A0"}: elle indique où vous vous identifiez.
directory-sign-in-email-submit = Continuer
directory-sign-in-by-password = Se connecter avec un mot de passe
directory-sign-in-pick = Choisir où vous identifier
directory-sign-in-pick-lead = Plusieurs fournisseurs d’identité connaissent les adresses de votre organisation. Choisissez le vôtre.
directory-sign-in-elsewhere = Vous allez être conduit vers { $provider } pour vous identifier.
directory-sign-in-elsewhere-go = Continuer vers { $provider }
directory-sign-in-wait = Trop d’essais ratés depuis cet appareil ou ce réseau. Réessayez après le { $until }, utilisez une clé d’accès, ou choisissez un nouveau mot de passe par le lien reçu dans votre messagerie.
directory-sign-in-other-way = Trop d’essais ratés d’inconnus sur ce compte{"\u00A0"}: votre appareil n’étant pas connu, utilisez une clé d’accès, ou choisissez un nouveau mot de passe par le lien reçu dans votre messagerie.
directory-sign-in-mfa = Un second facteur est nécessaire pour continuer{"\u00A0"}: identifiez-vous à nouveau.
directory-browser-unknown = Navigateur inconnu
directory-mail-device-subject = Connexion sur un nouvel appareil
directory-mail-device-text = Bonjour,

    Une session vient de s’ouvrir avec votre compte sur un appareil que nous ne connaissions pas.

    Quand{"\u00A0"}: { $when }
    Navigateur{"\u00A0"}: { $browser }
    Réseau{"\u00A0"}: { $network }

    Si c’est vous, vous n’avez rien à faire.

    Si ce n’est pas vous, ouvrez ce lien pour mettre fin à cette session et choisir un nouveau mot de passe{"\u00A0"}:
    { $link }
directory-alarm = Ce n’était pas moi
directory-alarm-lead = Vous mettez fin à la session ouverte sur l’appareil inconnu. Nous vous envoyons ensuite un lien pour choisir un nouveau mot de passe.
directory-alarm-submit = Mettre fin à cette session
directory-alarm-done = La session est fermée et l’appareil oublié. Un lien pour choisir un nouveau mot de passe vient de partir vers votre messagerie{"\u00A0"}: utilisez-le sans attendre.
directory-alarm-over = Ce lien ne fonctionne plus. Si vous avez un doute, choisissez un nouveau mot de passe{"\u00A0"}: toutes vos sessions seront fermées.
directory-mail-factor-subject = Votre compte a changé
directory-mail-factor-text = Bonjour,

    { $what }

    Si c’est vous, vous n’avez rien à faire. Sinon, choisissez un nouveau mot de passe et vérifiez votre compte{"\u00A0"}:
    { $link }
directory-factor-totp-added = Une application de codes a été ajoutée à votre compte.
directory-factor-totp-removed = L’application de codes a été retirée de votre compte.
directory-factor-passkey-added = Une clé d’accès a été ajoutée à votre compte.
directory-factor-passkey-removed = Une clé d’accès a été retirée de votre compte.
directory-factor-codes-renewed = Vos codes de secours ont été remplacés. Les anciens ne fonctionnent plus.
directory-factor-reset = Un administrateur a retiré tous les seconds facteurs de votre compte et fermé vos sessions.
directory-mail-recovery-subject = Un code de secours a été utilisé
directory-mail-recovery-text = Bonjour,

    Une session vient de s’ouvrir avec un de vos codes de secours. Codes restants{"\u00A0"}: { $left }.

    Pour en obtenir de nouveaux, ou si ce n’est pas vous{"\u00A0"}:
    { $link }
directory-mail-verify-subject = Vérifier votre adresse
directory-mail-verify-text = Bonjour,

    Pour confirmer que cette adresse est la vôtre, ouvrez ce lien dans les 24 heures{"\u00A0"}:
    { $link }

    Si vous n’avez rien demandé, ignorez ce message.
directory-mail-change-subject = Changement d’adresse demandé
directory-mail-change-text = Bonjour,

    Quelqu’un a demandé que votre compte change d’adresse électronique. L’adresse ne changera que lorsque la nouvelle aura été vérifiée.

    Si ce n’est pas vous, choisissez sans attendre un nouveau mot de passe{"\u00A0"}: la demande sera annulée.
    { $link }
directory-mail-invitation-subject = Votre compte est ouvert
directory-mail-invitation-text = Bonjour { $name },

    Un compte vient de vous être ouvert. Pour choisir votre mot de passe, ouvrez ce lien dans les trois jours{"\u00A0"}:
    { $link }

    Passé ce délai, demandez un nouveau lien sur la page de connexion.
directory-second-title = Second facteur
directory-second-lead = Votre mot de passe est juste. Il reste à prouver que c’est vous.
directory-second-hint = Les 6 chiffres de votre application, ou un code de secours
directory-second-submit = Continuer
directory-second-refused = Ce code ne convient pas, ou il a déjà servi. Attendez le suivant, ou prenez un code de secours.
directory-second-over = Cette connexion a expiré. Recommencez.
directory-second-wait = Trop d’essais ratés{"\u00A0"}: réessayez après le { $until }, ou utilisez une clé d’accès.
directory-second-other-way = Trop d’essais ratés d’inconnus sur ce compte{"\u00A0"}: utilisez une clé d’accès, ou choisissez un nouveau mot de passe par le lien reçu dans votre messagerie.
directory-code = Code
directory-code-hint = 6 chiffres
directory-recovery-code = Code de secours
directory-recovery-hint = 16 lettres et chiffres, les tirets sont facultatifs
directory-passkeys = Clés d’accès
directory-passkeys-lead = Une clé d’accès remplace le mot de passe{"\u00A0"}: votre téléphone, votre ordinateur ou une clé de sécurité vous reconnaît.
directory-passkeys-own = Mes clés d’accès
directory-passkeys-empty = Aucune clé d’accès pour l’instant.
directory-passkeys-no-domain = Les navigateurs n’acceptent pas de clé d’accès à cette adresse{"\u00A0"}: il faut un nom de domaine en https.
directory-passkey-name = Nom
directory-passkey-name-hint = Pour la reconnaître, par exemple{"\u00A0"}: téléphone du bureau
directory-passkey-kind = Nature
directory-passkey-added = Ajoutée le
directory-passkey-used = Dernier usage
directory-never = Jamais
directory-passkey-synced = Synchronisée entre vos appareils
directory-passkey-bound = Liée à un seul appareil
directory-passkey-suspect = Peut-être copiée
directory-passkey-suspect-text = Le { $when }, le compteur de cette clé a reculé{"\u00A0"}: une copie existe peut-être. Retirez cette clé et ajoutez-en une autre.
directory-passkey-add = Ajouter une clé d’accès
directory-passkey-remove = Retirer cette clé d’accès
directory-passkey-remove-lead = Vous ne pourrez plus vous connecter avec elle. Effacez-la aussi de l’appareil qui la garde.
directory-passkey-sign-in = Se connecter avec une clé d’accès
directory-passkey-without = Une clé d’accès a besoin de JavaScript et d’un navigateur récent. Sans eux, utilisez votre mot de passe.
directory-passkey-without-add = Ajouter une clé d’accès demande JavaScript et un navigateur récent. Sans eux, vous pouvez ajouter une application de codes.
directory-passkey-failed = Votre navigateur n’a pas donné de clé d’accès. Réessayez, ou utilisez votre mot de passe.
directory-passkey-failed-add = Votre navigateur n’a pas créé de clé d’accès. Réessayez, ou vérifiez que cet appareil n’en a pas déjà une pour ce compte.
directory-passkey-unknown = Cette clé d’accès n’a pas été reconnue. Réessayez, ou utilisez votre mot de passe.
directory-passkey-copied = Cette clé d’accès a peut-être été copiée{"\u00A0"}: elle est refusée. Connectez-vous avec votre mot de passe et remplacez-la.
directory-passkey-refused = Cette clé d’accès n’a pas pu être ajoutée. Réessayez.
directory-passkey-too-many = Vous avez déjà 20 clés d’accès. Retirez-en une d’abord.
directory-passkey-count = { $count ->
    [one] { $number } clé
   *[other] { $number } clés
}
directory-mistake-passkey-name = Donnez un nom à cette clé.
directory-mistake-passkey-name-long = Le nom est trop long{"\u00A0"}: 60 caractères au plus.
directory-totp = Application de codes
directory-totp-add = Ajouter une application de codes
directory-totp-lead = Une application de votre téléphone donne un code à 6 chiffres, demandé après le mot de passe.
directory-totp-how = Installez d’abord une application de codes à usage unique (norme TOTP), par exemple FreeOTP ou Aegis.
directory-totp-begin = Commencer
directory-totp-scan = Enregistrer la clé
directory-totp-scan-lead = Visez cette image avec l’application, ou saisissez-y la clé. Cette page reste valable un quart d’heure.
directory-totp-picture = Image à viser avec l’application de codes. La clé est aussi écrite ci-dessous.
directory-totp-secret = Clé à saisir
directory-totp-address = Sur ce téléphone
directory-totp-open = Ouvrir dans l’application
directory-totp-try = Essayer un code
directory-totp-confirm = Activer les codes
directory-totp-refused = Ce code ne convient pas. Vérifiez l’heure du téléphone, puis tapez le code affiché maintenant.
directory-totp-on = Un code est demandé à chaque connexion par mot de passe.
directory-totp-remove = Retirer l’application de codes
directory-totp-remove-lead = Votre mot de passe suffira à nouveau, si vous n’avez pas de clé d’accès.
directory-recovery-codes = Codes de secours
directory-recovery-lead = Pour vous connecter quand vous n’avez plus votre téléphone ou votre clé. Chaque code sert une fois.
directory-recovery-none = Les codes de secours sont créés avec le premier second facteur.
directory-recovery-left = { $count ->
    [0] Il ne vous reste aucun code.
    [one] Il vous reste { $number } code.
   *[other] Il vous reste { $number } codes.
}
directory-recovery-count = { $count ->
    [one] { $number } code
   *[other] { $number } codes
}
directory-recovery-used-up = Plus aucun code
directory-recovery-renew = Créer de nouveaux codes
directory-recovery-renew-lead = Dix nouveaux codes remplacent les anciens, qui ne fonctionneront plus.
directory-recovery-shown = Chacun de ces codes remplace une fois votre second facteur.
directory-recovery-once = Notez ces codes ou imprimez-les maintenant{"\u00A0"}: ils ne seront plus jamais affichés.
directory-recovery-kept = J’ai noté les codes
directory-email-verified-at = Vérifiée le { $when }
directory-email-state = Vérification
directory-email-unverified = Non vérifiée
directory-email-verify = Vérification de l’adresse
directory-email-verify-send = Envoyer le message de vérification
directory-email-verify-sent = Un message vient de partir vers votre adresse. Ouvrez le lien qu’il contient dans les 24 heures.
directory-email-verify-enough = Votre adresse est déjà vérifiée, ou plusieurs messages viennent d’être envoyés{"\u00A0"}: regardez dans les indésirables, ou attendez quelques heures.
directory-email-verify-lead = Confirmez que { $email } est l’adresse de votre compte.
directory-email-verify-submit = Confirmer cette adresse
directory-email-verify-over = Ce lien ne fonctionne plus. Demandez-en un nouveau depuis votre compte.
directory-email-verified-now = Cette adresse est vérifiée. C’est celle de votre compte.
directory-email-change = Changer d’adresse
directory-email-change-lead = Nous envoyons un lien à la nouvelle adresse, et un avertissement à l’actuelle.
directory-email-change-submit = Envoyer le lien
directory-email-change-sent = Si la nouvelle adresse est libre, un lien vient d’y être envoyé. Votre compte garde son adresse actuelle jusqu’à ce que vous l’ouvriez.
directory-email-new = Nouvelle adresse électronique
directory-mistake-email-same = C’est déjà l’adresse de votre compte.
directory-mistake-email-wait = Plusieurs liens viennent d’être envoyés. Utilisez l’un d’eux, ou attendez 24 heures.
directory-proofs = Comment vous vous connectez
directory-proof = Moyen
directory-factor-on = En place
directory-factor-state = État
directory-factor-off = Pas encore
directory-sessions = Mes sessions
directory-session = Session
directory-session-this = Cette session
directory-session-device = Appareil
directory-session-network = Réseau
directory-session-since = Prouvée le
directory-session-seen = Vue le
directory-session-proof = Preuve
directory-session-end = Mettre fin à cette session
directory-session-end-lead = L’appareil sera déconnecté de la plateforme et des services ouverts avec elle.
directory-session-end-this = C’est la session que vous utilisez{"\u00A0"}: vous serez déconnecté de la plateforme et des services ouverts avec elle.
directory-session-end-others = Mettre fin aux autres sessions
directory-proof-password = Mot de passe
directory-proof-code = Mot de passe et code
directory-proof-recovery = Mot de passe et code de secours
directory-proof-passkey = Clé d’accès
directory-prove-again = Pour changer cela, prouvez d’abord que c’est vous{"\u00A0"}: votre dernière connexion date de plus d’un quart d’heure, ou s’est faite sans second facteur.
directory-prove-again-go = M’identifier à nouveau
directory-factors-reset = Retirer les seconds facteurs
directory-factors-reset-lead = Pour une personne qui a tout perdu et dont vous avez vérifié l’identité. Ses sessions seront fermées et elle recevra un message.
directory-factor-password-changed = Le mot de passe de votre compte a été changé et vos sessions ont été fermées.
directory-factor-password-known = Quelqu’un connaît votre mot de passe{"\u00A0"}: plusieurs codes faux ont été tapés après lui sur un appareil inconnu.
